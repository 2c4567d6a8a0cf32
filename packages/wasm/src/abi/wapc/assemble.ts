// How an instance of a waPC module is put together: its imports, its memory and its fuel.
import { FUEL_EXPORT, START_EXPORT } from '../../binary/added-names.ts';
import type { Environment } from '../environment.ts';
import { rewrittenImports } from '../rewritten-imports.ts';
import type { GuestStep, Starting } from '../starting.ts';
import type { WasiMaker } from '../wasi.ts';
import { wasiImport } from '../wasi-imports.ts';
import { envImports } from './env.ts';
import { MEMORY } from './exports.ts';
import { guestImports } from './guest-imports.ts';
import { hostImports } from './host-imports.ts';
import type { LinkedImport } from './link.ts';
import { ENV, WAPC } from './signatures.ts';
import type { ImportMaker, WapcState } from './state.ts';

/** What an instance exports. */
export type Exports = Readonly<Record<string, unknown>>;

/** Makes an instance's exports; the module's own start function runs. @throws what V8, it and its imports throw. */
export type Assemble = (state: WapcState) => Starting<Exports>;

/** For the instances of one module. */
export function assembler(
  module: WebAssembly.Module,
  imports: readonly LinkedImport[],
  environment: Environment,
  makeWasi: WasiMaker,
): Assemble {
  const makers: ReadonlyMap<string, ReadonlyMap<string, ImportMaker>> = new Map([
    [WAPC, new Map([...guestImports(environment), ...hostImports(environment)])],
    [ENV, envImports(environment)],
  ]);
  const usesWasi = imports.some(({ wasi }) => wasi !== undefined);
  return function* (state) {
    if (usesWasi) state.wasi = makeWasi(state);
    // Without prototypes, because a module names its imports as it likes.
    const answers: Record<string, Record<string, unknown>> = Object.create(null);
    for (const linked of imports) {
      const { module: namespace, name } = linked.shape;
      answers[namespace] ??= Object.create(null) as Record<string, unknown>;
      const into = answers[namespace] as Record<string, unknown>;
      into[name] = answerOf(linked, state, environment, makers);
    }
    Object.assign(answers, rewrittenImports(environment, state));
    const { exports } = new WebAssembly.Instance(module, answers);
    const { [MEMORY]: memory, [FUEL_EXPORT]: fuel, [START_EXPORT]: start } = exports;
    if (environment.metered) state.fuel = fuel as WebAssembly.Global;
    // Before anybody knows the memory: that is how it is where it runs while the module is instantiated.
    if (typeof start === 'function') yield [start as GuestStep[0]];
    state.memory.bind(memory as WebAssembly.Memory);
    state.wasi?.bind(memory);
    return exports;
  };
}

// Linking has found somebody for each.
function answerOf(
  { shape, wasi }: LinkedImport,
  state: WapcState,
  environment: Environment,
  makers: ReadonlyMap<string, ReadonlyMap<string, ImportMaker>>,
): unknown {
  if (wasi !== undefined && state.wasi !== undefined) return wasiImport(environment, state, state.wasi, wasi);
  return makers.get(shape.module)?.get(shape.name)?.(state);
}
