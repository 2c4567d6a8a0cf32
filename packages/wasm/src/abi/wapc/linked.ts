// A waPC module with its imports settled, and what its instances have in common.
import { listing, PlugbayError } from '@plugbay/core';
import type { CompiledPlugin, LinkedModule } from '../abi.ts';
import type { Environment } from '../environment.ts';
import type { RunningCall } from '../running-call.ts';
import type { Starting } from '../starting.ts';
import { type WasiMaker, wasiMaker } from '../wasi.ts';
import { type Assemble, assembler } from './assemble.ts';
import { requireExports } from './exports.ts';
import { startInstance, WapcInstance } from './instance.ts';
import { asynchronousImports, linkImports } from './link.ts';
import { WapcState } from './state.ts';

/** A waPC plugin, linked. Its operations are registered by its own code, so that nobody knows their names. */
export class LinkedWapc implements LinkedModule {
  readonly names: readonly string[] = Object.freeze([]);
  readonly asynchronous: readonly string[];
  readonly #environment: Environment;
  readonly #assemble: Assemble;

  /**
   * `makeWasi` makes the WASI of each instance.
   * @throws PlugbayError `invalid` (exports, imports nobody provides), `unsupported` (WASI that was not granted, several modules).
   */
  constructor(
    { main, links }: CompiledPlugin,
    environment: Environment,
    makeWasi: WasiMaker = wasiMaker(environment),
  ) {
    if (links.size > 0) throw severalModules([...links.keys()]);
    requireExports(main.shape);
    const imports = linkImports(main.shape.imports, environment);
    this.asynchronous = asynchronousImports(main.shape.imports, environment);
    this.#environment = environment;
    this.#assemble = assembler(main.module, imports, environment, makeWasi);
  }

  /** Never known, but for what is no name at all. */
  has(name: unknown): undefined | false {
    return typeof name === 'string' ? undefined : false;
  }

  refusal(name: unknown): PlugbayError {
    return new PlugbayError('invalid', `the name of an operation must be a string, not ${typeof name}`);
  }

  *start(call: RunningCall): Starting<WapcInstance> {
    const state = new WapcState(call);
    const exports = yield* startInstance(this.#assemble, state);
    return new WapcInstance(state, exports, this.#environment.limits);
  }
}

function severalModules(names: readonly string[]): PlugbayError {
  return new PlugbayError(
    'unsupported',
    `a waPC plugin is one module; this one has others: ${listing(names)}`,
    { hint: 'Link the modules into one when the plugin is built.' },
  );
}
