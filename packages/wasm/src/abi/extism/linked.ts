// A plugin's modules with their imports settled, and what its instances have in common.
import { PlugbayError } from '@plugbay/core';
import type { ModuleShape } from '../../binary/module-shape.ts';
import type { CompiledPlugin, LinkedModule } from '../abi.ts';
import type { Environment } from '../environment.ts';
import { HostCaller } from '../host-caller.ts';
import type { RunningCall } from '../running-call.ts';
import type { Starting } from '../starting.ts';
import { instantiationError } from '../trap.ts';
import { Variables } from '../variables.ts';
import { type WasiMaker, wasiMaker } from '../wasi.ts';
import { callableNames, notCallable } from './callable.ts';
import { EXCHANGE_MAX_BYTES } from './exchange.ts';
import { type Assemble, assembleApart, assembleMerged } from './guest.ts';
import { hostImports, type Resources } from './host-imports.ts';
import { HTTP_REQUEST } from './http.ts';
import { type ExtismInstance, startInstance } from './instance.ts';
import { InstanceState } from './state.ts';
import { linkUnits } from './units.ts';

/** An Extism plugin, linked. */
export class LinkedExtism implements LinkedModule {
  readonly names: readonly string[];
  readonly asynchronous: readonly string[];
  readonly #shape: ModuleShape;
  readonly #environment: Environment;
  readonly #assemble: Assemble;
  readonly #makeWasi: WasiMaker;

  /**
   * `kernel` is for a plugin of several modules.
   * @throws PlugbayError `invalid` (limits, configuration, imports nobody provides), `unsupported`, `denied`.
   */
  constructor({ main, links }: CompiledPlugin, environment: Environment, kernel: () => WebAssembly.Module) {
    requireExchange(environment.limits.exchangeBytes);
    const resources: Resources = {
      environment,
      config: encodeConfig(environment.config),
      variables: environment.variables ?? new Variables(environment.limits.variableBytes),
      http: new HostCaller(environment, HTTP_REQUEST),
    };
    const { units, asynchronous } = linkUnits(main, links, resources);
    const imports = hostImports(resources);
    this.names = callableNames(main.shape);
    this.asynchronous = asynchronous;
    this.#shape = main.shape;
    this.#environment = environment;
    this.#assemble = main.merged ? assembleMerged(units, imports) : assembleApart(kernel(), units, imports);
    this.#makeWasi = wasiMaker(environment);
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  refusal(name: string): PlugbayError {
    return notCallable(name, this.#shape.exports);
  }

  *start(call: RunningCall): Starting<ExtismInstance> {
    try {
      const state = new InstanceState(this.#environment, call, this.#makeWasi);
      return yield* startInstance(this.#assemble, state);
    } catch (thrown) {
      throw instantiationError(thrown);
    }
  }
}

function requireExchange(bytes: number): void {
  if (bytes <= EXCHANGE_MAX_BYTES) return;
  throw new PlugbayError('invalid', `exchangeBytes is ${bytes}; it can be ${EXCHANGE_MAX_BYTES} at most`);
}

const NO_CONFIG: ReadonlyMap<string, Uint8Array> = new Map();

function encodeConfig(config: Environment['config']): ReadonlyMap<string, Uint8Array> {
  const values = Object.entries(config);
  if (values.length === 0) return NO_CONFIG;
  const encoded = new Map<string, Uint8Array>();
  for (const [name, value] of values) {
    if (typeof value !== 'string') {
      throw new PlugbayError('invalid', `configuration "${name}" must be a string, not ${typeof value}`);
    }
    encoded.set(name, Buffer.from(value));
  }
  return encoded;
}
