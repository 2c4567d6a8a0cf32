// From a plugin's bytes to a module that can be instantiated: guard, rewrite, compile.
import { messageOf, PlugbayError } from '@plugbay/core';
import { EPOCH, OWN_PREFIX, TICK } from '../binary/added-names.ts';
import { type Caps, capModule } from '../binary/cap.ts';
import { watchModule } from '../binary/epoch.ts';
import { meterModule } from '../binary/fuel.ts';
import { guardModule } from '../binary/guard.ts';
import { mergeModules } from '../binary/merge.ts';
import { type ModuleShape, readModuleShape } from '../binary/module-shape.ts';
import { type GuardPolicy, OWN_POLICY } from '../binary/policy.ts';
import { SECTION } from '../binary/sections.ts';
import type { Companion } from './companion.ts';
import { companionPart } from './companion-part.ts';

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
  /** Whether it looks up from its work when it is told to; it then imports what {@link EPOCH} names. Not when it is metered. @default false */
  readonly watched?: boolean;
  /** Whether its functions keep their names. @default false */
  readonly keepNames?: boolean;
}

// 64 KiB: rewriting this much code takes less than a millisecond. More would make a module's first call wait for what only
// makes later ones faster.
const MERGED_CODE_BYTES = 64 * 1024;

/**
 * Bytes of a module that is compiled on the thread that asks: 128 KiB take less than a millisecond, which is what handing it to
 * another thread and back costs as well.
 */
export const COMPILED_HERE_BYTES: number = 128 * 1024;

/** Compiles a plugin's bytes, as {@link compileModule} does. */
export type Compile = (bytes: Uint8Array, policy: GuardPolicy, recipe: Recipe) => Promise<CompiledModule>;

/**
 * Compiles a plugin's bytes, off this thread unless they are few. Nothing is compiled before the guard has passed.
 * @throws PlugbayError `limit`, `unsupported` (guard and rewriting), `invalid` (no module, or one that V8 refuses).
 */
export async function compileModule(
  bytes: Uint8Array,
  policy: GuardPolicy,
  recipe: Recipe,
): Promise<CompiledModule> {
  const { rewritten, shape, merged } = rewriteModule(bytes, policy, recipe);
  if (rewritten.length <= COMPILED_HERE_BYTES) return { module: compileBytes(rewritten), shape, merged };
  try {
    return { module: await WebAssembly.compile(rewritten), shape, merged };
  } catch (cause) {
    throw refused(cause);
  }
}

/** As {@link compileModule}, on this thread. @throws as {@link compileModule}. */
export function compileModuleSync(bytes: Uint8Array, policy: GuardPolicy, recipe: Recipe): CompiledModule {
  const { rewritten, shape, merged } = rewriteModule(bytes, policy, recipe);
  return { module: compileBytes(rewritten), shape, merged };
}

interface RewrittenModule extends Omit<CompiledModule, 'module'> {
  readonly rewritten: Uint8Array<ArrayBuffer>;
}

function rewriteModule(bytes: Uint8Array, policy: GuardPolicy, recipe: Recipe): RewrittenModule {
  const { memoryPages, metered = false, watched = false, keepNames = false } = recipe;
  if (metered && watched)
    throw new PlugbayError('internal', 'a module is compiled to be metered and watched');
  const shape = guardModule(bytes, policy);
  refuseOwnNames(shape);
  const companion = isMerged(shape, recipe) ? recipe.companionOf?.(shape) : undefined;
  const capped = rewrite(
    bytes,
    shape,
    companion,
    { memoryPages, tableEntries: policy.tableEntries },
    keepNames,
  );
  if (metered || watched || companion !== undefined) requireValid(bytes);
  const rewritten = instrumented(capped, shape, recipe);
  return { rewritten: rewritten as Uint8Array<ArrayBuffer>, shape, merged: companion !== undefined };
}

// What exports them is taken for rewritten.
function refuseOwnNames({ exports }: ModuleShape): void {
  const own = exports.find(({ name }) => name.startsWith(OWN_PREFIX));
  if (own !== undefined)
    throw new PlugbayError('invalid', `the module exports ${own.name}, a name that is reserved`);
}

function compileBytes(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw refused(cause);
  }
}

function refused(cause: unknown): PlugbayError {
  return new PlugbayError('invalid', messageOf(cause), { cause });
}

// What is added to a module comes after all that it has, so that an index beyond that, which makes a module invalid, would reach
// what is ours: the kernel's own state, the fuel. V8 takes 0.04 ms to see that there is none in a usual plugin.
function requireValid(bytes: Uint8Array): void {
  if (WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) return;
  compileBytes(bytes as Uint8Array<ArrayBuffer>);
}

// The code of a module that is metered or watched is rewritten in any case.
function isMerged({ sections }: ModuleShape, { metered, watched }: Recipe): boolean {
  const code = sections.find(({ id }) => id === SECTION.code);
  return (
    metered === true || watched === true || code === undefined || code.end - code.start <= MERGED_CODE_BYTES
  );
}

function rewrite(
  bytes: Uint8Array,
  shape: ModuleShape,
  companion: Companion | undefined,
  caps: Caps,
  keepNames: boolean,
): Uint8Array {
  if (companion === undefined) return capModule(bytes, shape, caps, keepNames ? 'name' : 'none');
  return mergeModules({ bytes, shape }, companionPart(companion, shape), {
    ...companion.plan,
    caps,
    keepNames,
  });
}

// The companion's functions come after the module's own.
function instrumented(bytes: Uint8Array, { functions: trusted }: ModuleShape, recipe: Recipe): Uint8Array {
  const { metered = false, watched = false, keepNames = false } = recipe;
  if (!metered && !watched) return bytes;
  const shape = readModuleShape(bytes, OWN_POLICY);
  const custom = keepNames ? 'name' : 'none';
  if (metered) return meterModule(bytes, shape, { tick: TICK, trusted, custom });
  const { module, memory, lookUp } = EPOCH;
  return watchModule(bytes, shape, {
    memory: { module, name: memory },
    lookUp: { module, name: lookUp },
    trusted,
    custom,
  });
}
