// From a plugin's bytes to a module that can be instantiated: guard, rewrite, compile.
import { messageOf, PlugbayError } from '@plugbay/core';
import { type Caps, capModule } from '../binary/cap.ts';
import { meterModule } from '../binary/fuel.ts';
import { guardModule } from '../binary/guard.ts';
import { mergeModules } from '../binary/merge.ts';
import { type ModuleShape, readModuleShape } from '../binary/module-shape.ts';
import { type GuardPolicy, OWN_POLICY } from '../binary/policy.ts';
import { SECTION } from '../binary/sections.ts';
import type { Companion } from './companion.ts';

/** A module that passed the guard, rewritten as its {@link Recipe} says. */
export interface CompiledModule {
  readonly module: WebAssembly.Module;
  /** The shape of the module as it was. */
  readonly shape: ModuleShape;
  /** Whether a companion is a part of it. */
  readonly merged: boolean;
}

/** How a module is rewritten before it is compiled. */
export interface Recipe {
  /** Pages that its memories may have together. */
  readonly memoryPages: number;
  /** What becomes a part of a module of this shape, unless it has much code; undefined when nothing does. @default nothing */
  readonly companionOf?: ((shape: ModuleShape) => Companion | undefined) | undefined;
  /** Whether it counts its work; it then imports {@link TICK}, and exports its fuel, which is 0 at first. @default false */
  readonly metered?: boolean;
  /** Whether its functions keep their names. @default false */
  readonly keepNames?: boolean;
}

/**
 * What a metered module imports: a function that gives it more fuel, or none, which traps. The namespace is one of ours, that of
 * companions as well.
 */
export const TICK = { module: 'plugbay:host', name: 'tick' } as const;

// 64 KiB: rewriting this much code takes less than a millisecond. More would make a module's first call wait for what only
// makes later ones faster.
const MERGED_CODE_BYTES = 64 * 1024;

// 128 KiB: compiled in less than a millisecond, which is what handing it to another thread and back costs as well.
const SMALL_BYTES = 128 * 1024;

/**
 * Compiles a plugin's bytes, off this thread unless they are few. Nothing is compiled before the guard has passed.
 * @throws PlugbayError `limit`, `unsupported` (guard and rewriting), `invalid` (no module, or one that V8 refuses).
 */
export async function compileModule(
  bytes: Uint8Array,
  policy: GuardPolicy,
  recipe: Recipe,
): Promise<CompiledModule> {
  const shape = guardModule(bytes, policy);
  const companion = isMerged(shape, recipe) ? recipe.companionOf?.(shape) : undefined;
  const caps = { memoryPages: recipe.memoryPages, tableEntries: policy.tableEntries };
  const { metered = false, keepNames = false } = recipe;
  const capped = rewrite(bytes, shape, companion, caps, keepNames);
  if (metered || companion !== undefined) requireValid(bytes);
  const rewritten = metered ? meter(capped, shape, keepNames) : capped;
  try {
    const module =
      rewritten.length <= SMALL_BYTES
        ? new WebAssembly.Module(rewritten)
        : await WebAssembly.compile(rewritten);
    return { module, shape, merged: companion !== undefined };
  } catch (cause) {
    throw new PlugbayError('invalid', messageOf(cause), { cause });
  }
}

// What is added to a module comes after all that it has, so that an index beyond that, which makes a module invalid, would reach
// what is ours: the kernel's own state, the fuel. V8 takes 0.04 ms to see that there is none in a usual plugin.
function requireValid(bytes: Uint8Array): void {
  if (WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) return;
  try {
    new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    throw new PlugbayError('invalid', messageOf(cause), { cause });
  }
}

// A metered module's code is rewritten in any case.
function isMerged({ sections }: ModuleShape, { metered }: Recipe): boolean {
  const code = sections.find(({ id }) => id === SECTION.code);
  return metered === true || code === undefined || code.end - code.start <= MERGED_CODE_BYTES;
}

function rewrite(
  bytes: Uint8Array,
  shape: ModuleShape,
  companion: Companion | undefined,
  caps: Caps,
  keepNames: boolean,
): Uint8Array {
  if (companion === undefined) return capModule(bytes, shape, caps, keepNames ? 'name' : 'none');
  return mergeModules({ bytes, shape }, companion.partFor(shape), { ...companion.plan, caps, keepNames });
}

// The companion's functions come after the module's own.
function meter(bytes: Uint8Array, { functions }: ModuleShape, keepNames: boolean): Uint8Array {
  return meterModule(bytes, readModuleShape(bytes, OWN_POLICY), {
    tick: TICK,
    trusted: functions,
    custom: keepNames ? 'name' : 'none',
  });
}
