// A plugin's module with its imports settled, and what its instances have in common.
import { PlugbayError } from '@plugbay/core';
import type { ModuleShape } from '../../binary/module-shape.ts';
import type { CompiledPlugin, LinkedModule } from '../abi.ts';
import type { Environment } from '../environment.ts';
import type { RunningCall } from '../running-call.ts';
import type { Starting } from '../starting.ts';
import { instantiationError } from '../trap.ts';
import { wasiMaker } from '../wasi.ts';
import { callableNames, notCallable, requireExports, requireStart } from './exports.ts';
import { type Assemble, assembling } from './guest.ts';
import { Initialisation } from './initialisation.ts';
import { ApiqubeInstance, startInstance } from './instance.ts';
import { linkImports } from './link.ts';
import { InstanceState } from './state.ts';

/** An ApiQube plugin, linked. */
export class LinkedApiqube implements LinkedModule {
  readonly names: readonly string[];
  readonly asynchronous: readonly string[];
  readonly #shape: ModuleShape;
  readonly #environment: Environment;
  readonly #assemble: Assemble;
  readonly #initialisation: Initialisation;

  /** @throws PlugbayError `invalid` (exports that are missing, imports nobody provides, grants), `unsupported` (several modules, WASI). */
  constructor({ main, links }: CompiledPlugin, environment: Environment) {
    if (links.size > 0) throw severalModules([...links.keys()]);
    requireExports(main.shape);
    requireStart(main.shape);
    const { imports, asynchronous } = linkImports(main.shape.imports, environment);
    this.names = callableNames(main.shape);
    this.asynchronous = asynchronous;
    this.#shape = main.shape;
    this.#environment = environment;
    this.#initialisation = new Initialisation(environment);
    this.#assemble = assembling(main, imports, environment, wasiMaker(environment));
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  refusal(name: string): PlugbayError {
    return notCallable(name, this.#shape);
  }

  *start(call: RunningCall): Starting<ApiqubeInstance> {
    const state = new InstanceState(this.#environment, call);
    try {
      const exports = yield* startInstance(this.#assemble, state);
      return new ApiqubeInstance(state, exports, this.#environment.limits, this.#initialisation);
    } catch (thrown) {
      throw instantiationError(thrown);
    }
  }
}

function severalModules(names: readonly string[]): PlugbayError {
  return new PlugbayError(
    'unsupported',
    `an ApiQube plugin is one module; it came with ${names.join(', ')}`,
    {
      hint: 'Link them into one module when the plugin is built.',
    },
  );
}
