// One instance of an Extism plugin: the guest, its kernel and the call it serves.
import { PlugbayError } from '@plugbay/core';
import type { Instance } from '../abi.ts';
import type { RunningCall } from '../running-call.ts';
import { instantiationError, trapError } from '../trap.ts';
import type { Exchange } from './exchange.ts';
import { initialise } from './initialise.ts';
import { type LinkedImport, makeImports } from './link.ts';
import type { InstanceState } from './state.ts';

/** Bytes of exchange memory that an instance may keep: room for calls of a megabyte each way, and little beside its own memory. */
export const RETAINED_EXCHANGE_BYTES: number = 4 * 1024 * 1024;

// The Extism runtime gives a command a fresh instance after each run, because it leaves its memory as it ends.
const COMMAND = '_start';

/** A module's instance; which of several errors a call ends with is decided in `#fault`. */
export class ExtismInstance implements Instance {
  readonly #state: InstanceState;
  readonly #exchange: Exchange;
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #functions = new Map<string, () => unknown>();
  #broken = false;

  /** Instantiates and initialises. @throws PlugbayError `trap`, `unavailable`, `plugin`, and what the imports throw. */
  constructor(module: WebAssembly.Module, imports: readonly LinkedImport[], state: InstanceState) {
    this.#state = state;
    this.#exchange = state.exchange;
    try {
      this.#exports = new WebAssembly.Instance(module, makeImports(imports, state)).exports;
      initialise(this.#exports);
    } catch (thrown) {
      throw this.#fault(instantiationError(thrown));
    }
    if (state.call.failure !== undefined) throw state.call.failure;
  }

  get spent(): boolean {
    return this.#broken || this.#exchange.live.length > RETAINED_EXCHANGE_BYTES;
  }

  invoke(name: string, input: Uint8Array | string | undefined, call: RunningCall): Uint8Array {
    const run = this.#functions.get(name) ?? this.#resolve(name);
    this.#state.begin(call, input);
    let code: unknown;
    try {
      code = run();
    } catch (thrown) {
      this.#broken = true;
      throw this.#fault(trapError(thrown));
    }
    if (call.failure !== undefined) this.#broken = true;
    if (call.failure !== undefined || this.#exchange.failed) throw this.#fault(undefined);
    if (code !== undefined && code !== 0)
      throw new PlugbayError('plugin', `Returned non-zero exit code: ${String(code)}`);
    return this.#exchange.output();
  }

  // The first that holds: what the host refused or failed to do, the error that was set, the app's own error, the trap.
  #fault(trap: PlugbayError | undefined): PlugbayError {
    const { failure } = this.#state.call;
    if (failure !== undefined && failure.code !== 'internal') return failure;
    const text = this.#exchange.error();
    if (text !== undefined) return new PlugbayError('plugin', text, { cause: failure ?? trap });
    return failure ?? trap ?? new PlugbayError('internal', 'a call failed without an error');
  }

  #resolve(name: string): () => unknown {
    const run = this.#exports[name] as () => unknown;
    const once = (): unknown => {
      this.#broken = true;
      return run();
    };
    const resolved = name === COMMAND ? once : run;
    this.#functions.set(name, resolved);
    return resolved;
  }
}
