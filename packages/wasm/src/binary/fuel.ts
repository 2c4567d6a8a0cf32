// Fuel: a module that counts its own work, so that it ends when it has done as much as it may.
import { FUEL_EXPORT } from './added-names.ts';
import { wideStores } from './bulk.ts';
import type { Caps } from './capped-limits.ts';
import { readCharges } from './charges.ts';
import { editModule } from './edit.ts';
import { signed64, unsigned } from './encode.ts';
import { entries, NUMBER_TYPE } from './entries.ts';
import { type FuelTargets, globalProbe, localProbe } from './fuel-code.ts';
import { FUEL_TYPE, type FuelFunctions, fuelFunctions } from './fuel-functions.ts';
import { type AddedImport, layoutOf } from './layout.ts';
import type { ModuleShape } from './module-shape.ts';
import { OPCODE as O } from './opcodes.ts';
import type { Instrumentation } from './rewrite-code.ts';

/** How a module is metered. */
export interface FuelOptions {
  /** The fuel that it has when it is instantiated, for its start function. Units. @default 0n */
  readonly initial?: bigint;
  /**
   * A function that the module imports and calls when it ran out: `() -> i32`. What it returns is the fuel to go on with; 0 or
   * less ends the module with a trap, which no guest can catch. It may throw instead; a guest that catches that comes back at
   * its next turn or call. Without it, the module traps.
   */
  readonly tick?: { readonly module: string; readonly name: string };
  /**
   * From this one of the functions that the module defines on they are the host's own, as after a merge: only their bulk
   * operations are charged. @default none is
   */
  readonly trusted?: number;
  readonly caps?: Caps;
  /** Custom sections that stay. @default 'none' */
  readonly custom?: 'none' | 'name';
}

/**
 * The module with code that counts its work. A unit is a loop's turn or a call, up to 32 instructions of each, or 64 bytes
 * (8 entries) that a bulk operation moves. The count is the same in every run. What a function used since its last call is
 * not counted when it ends with a trap of its own.
 * @throws as {@link editModule}; `invalid` when the module has an export or an import of a reserved name.
 */
export function meterModule(bytes: Uint8Array, shape: ModuleShape, options: FuelOptions = {}): Uint8Array {
  const { initial = 0n, tick, caps, custom = 'none' } = options;
  const imports: AddedImport[] =
    tick === undefined ? [] : [{ ...tick, kind: 'function', type: unsigned(shape.types + FUEL_TYPE.tick) }];
  const layout = layoutOf(shape, { imports });
  const fuel = layout.added('global', 0);
  const added = fuelFunctions(shape.types, fuel, layout, imports.length);
  return editModule(bytes, shape, {
    custom,
    layout,
    ...(caps && { caps }),
    append: {
      ...added.additions,
      global: entries([[NUMBER_TYPE.i64, 1, O.i64Const, ...signed64(initial), O.end]]),
    },
    exports: [{ name: FUEL_EXPORT, kind: 'global', index: fuel }],
    code: instrumentation(bytes, shape, options.trusted, { ...added, fuel }),
  });
}

// V8 takes as many locals in one function, parameters included.
const LOCALS_MAX = 50_000;

function instrumentation(
  bytes: Uint8Array,
  shape: ModuleShape,
  trusted: number | undefined,
  added: FuelFunctions & Pick<FuelTargets, 'fuel'>,
): Instrumentation {
  const { functions, charges, imported } = readCharges(bytes, shape, trusted);
  const targets: FuelTargets = {
    ...added,
    isQuiet: (callee) => charges[callee - imported]?.quiet === true,
    stores: wideStores(shape),
  };
  return (ordinal, declared) => {
    const own = charges[ordinal];
    const { catches, throws, bulk } = functions[ordinal] ?? {};
    if (own === undefined) return undefined;
    if (own.entry === 0 && own.loops.length === 0 && bulk === 0 && !throws) return undefined;
    const local = (shape.signatures[ordinal]?.parameters.length ?? 0) + declared;
    if (own.loops.length === 0 || catches || local >= LOCALS_MAX) return globalProbe(own, targets);
    return localProbe(own, targets, local);
  };
}
