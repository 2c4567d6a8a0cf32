// How an instance of a plugin is put together: its imports, its WASI, its memory, and what it runs before anything is asked of it.
import { FUEL_EXPORT, START_EXPORT } from '../../binary/added-names.ts';
import type { CompiledModule } from '../../module/compile.ts';
import type { Environment } from '../environment.ts';
import { rewrittenImports } from '../rewritten-imports.ts';
import type { GuestStep, Starting } from '../starting.ts';
import type { WasiMaker } from '../wasi.ts';
import { wasiImport } from '../wasi-imports.ts';
import { canAllocate } from './exports.ts';
import type { Allocate } from './guest-memory.ts';
import type { LinkedImport } from './link.ts';
import { ALLOCATE, MEMORY, STARTS } from './names.ts';
import type { InstanceState } from './state.ts';

/** What an instance exports. */
export type Exports = Readonly<Record<string, unknown>>;

type ImportObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Makes an instance's exports; what starts the module has run. @throws what V8, the module and its imports throw. */
export type Assemble = (state: InstanceState) => Starting<Exports>;

/** For a compiled module whose imports are settled. */
export function assembling(
  { module, shape }: CompiledModule,
  imports: readonly LinkedImport[],
  environment: Environment,
  makeWasi: WasiMaker,
): Assemble {
  const allocates = canAllocate(shape);
  const wantsWasi = imports.some(({ kind }) => kind === 'wasi');
  return function* (state) {
    if (wantsWasi) state.wasi = makeWasi(state);
    const { exports } = new WebAssembly.Instance(module, importObject(imports, environment, state));
    const { [MEMORY]: memory, [ALLOCATE]: allocate, [START_EXPORT]: start } = exports;
    if (environment.metered) state.fuel = exports[FUEL_EXPORT] as WebAssembly.Global;
    // Before anybody knows the memory: that is how it is where it runs while the module is instantiated.
    if (typeof start === 'function') yield [start as GuestStep[0]];
    state.memory.bind(memory as WebAssembly.Memory, allocates ? (allocate as Allocate) : undefined);
    state.wasi?.bind(memory);
    const name = STARTS.find((candidate) => typeof exports[candidate] === 'function');
    if (name !== undefined) yield [exports[name] as GuestStep[0]];
    return exports;
  };
}

function importObject(
  imports: readonly LinkedImport[],
  environment: Environment,
  state: InstanceState,
): ImportObject {
  // Without prototypes, because a module names its imports as it likes.
  const made: Record<string, Record<string, unknown>> = Object.create(null);
  for (const linked of imports) {
    const { shape } = linked;
    made[shape.module] ??= Object.create(null) as Record<string, unknown>;
    const into = made[shape.module] as Record<string, unknown>;
    if (linked.kind === 'host') into[shape.name] = linked.make(state);
    else if (state.wasi !== undefined) into[shape.name] = wasiImport(environment, state, state.wasi, shape);
  }
  return Object.assign(made, rewrittenImports(environment, state));
}
