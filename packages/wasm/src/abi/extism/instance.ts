// One instance of an Extism plugin: the guest, its kernel and the call it serves.
import { PlugbayError } from '@plugbay/core';
import { isExit } from '../../wasi/exit.ts';
import type { Instance } from '../abi.ts';
import type { RunningCall } from '../running-call.ts';
import type { Starting } from '../starting.ts';
import type { SuspendableCall } from '../suspendable-call.ts';
import { instantiationError, trapError } from '../trap.ts';
import type { Exchange } from './exchange.ts';
import type { Assemble } from './guest.ts';
import { initialise } from './initialise.ts';
import type { Exports } from './module-tree.ts';
import type { InstanceState } from './state.ts';

/** Bytes of exchange memory that an instance may keep: room for calls of a megabyte each way, and little beside its own memory. */
export const RETAINED_EXCHANGE_BYTES: number = 4 * 1024 * 1024;

// The Extism runtime gives a command a fresh instance after each run, because it leaves its memory as it ends.
const COMMAND = '_start';

type Input = Uint8Array | string | undefined;
type Run<T> = () => T;

/** A module's instance; which of several errors a call ends with is decided in {@link faultOf}. */
export class ExtismInstance implements Instance {
  /** Bytes of exchange memory beyond which it is spent. */
  retainedBytes: number = RETAINED_EXCHANGE_BYTES;
  readonly #state: InstanceState;
  readonly #exchange: Exchange;
  readonly #exports: Exports;
  // The function that was called last, and mostly is called again: an instance's exports are a slow object to ask.
  #name = '';
  #function: Run<unknown> | undefined;
  // Those of a plugin with asynchronous imports.
  #promising: Map<string, Run<Promise<unknown>>> | undefined;
  #broken = false;

  constructor(state: InstanceState, exports: Exports) {
    this.#state = state;
    this.#exchange = state.exchange;
    this.#exports = exports;
  }

  /** The main module's exports, those that it got when it was rewritten included. */
  get exports(): Exports {
    return this.#exports;
  }

  /** What its imports work on. */
  get state(): InstanceState {
    return this.#state;
  }

  get spent(): boolean {
    return this.#broken || this.#exchange.live.length > this.retainedBytes;
  }

  invoke(name: string, input: Input, call: RunningCall): Uint8Array {
    const run = this.#function !== undefined && this.#name === name ? this.#function : this.#resolve(name);
    this.#begin(name, input, call);
    let code: unknown;
    try {
      code = run();
    } catch (thrown) {
      this.#left(thrown);
    }
    return this.#answer(code, call);
  }

  invokeAsync(name: string, input: Input, call: SuspendableCall): Promise<Uint8Array> {
    const run = this.#promising?.get(name) ?? this.#resolvePromising(name);
    this.#begin(name, input, call);
    return run().then(
      (code) => this.#answer(code, call),
      (thrown) => {
        this.#left(thrown);
        return this.#answer(undefined, call);
      },
    );
  }

  abandon(): void {
    this.#broken = true;
  }

  dispose(): void {
    this.#state.close();
  }

  #begin(name: string, input: Input, call: RunningCall): void {
    this.#state.begin(call, input);
    if (name === COMMAND) this.#broken = true;
  }

  // The guest did not return: it trapped or was unwound, or it exited, which may be an answer.
  #left(thrown: unknown): void {
    this.#broken = true;
    if (isExit(thrown)) return;
    this.#state.endCall();
    throw faultOf(this.#state, trapError(thrown));
  }

  #answer(returned: unknown, call: RunningCall): Uint8Array {
    this.#state.endCall();
    // A guest can catch its own exit and return; what it called is what counts.
    const { exitCode } = this.#state;
    if (call.failure !== undefined || exitCode !== undefined) this.#broken = true;
    if (call.failure !== undefined || this.#exchange.failed) throw faultOf(this.#state, undefined);
    const code = exitCode ?? returned;
    if (code !== undefined && code !== 0)
      throw new PlugbayError('plugin', `Returned non-zero exit code: ${String(code)}`);
    return this.#exchange.output(call.wantsView);
  }

  #resolve(name: string): Run<unknown> {
    const run = this.#exports[name] as Run<unknown>;
    this.#name = name;
    this.#function = run;
    return run;
  }

  #resolvePromising(name: string): Run<Promise<unknown>> {
    const run = WebAssembly.promising(this.#exports[name] as Run<unknown>);
    this.#promising ??= new Map();
    this.#promising.set(name, run);
    return run;
  }
}

/** Starts an instance. @throws PlugbayError `trap`, `unavailable`, `plugin`, and what the imports throw. */
export function* startInstance(assemble: Assemble, state: InstanceState): Starting<ExtismInstance> {
  let exports: Exports;
  try {
    exports = yield* assemble(state);
    yield* initialise(exports);
    state.endCall();
  } catch (thrown) {
    const error = faultOf(state, isExit(thrown) ? exitError(state) : instantiationError(thrown));
    state.close();
    throw error;
  }
  if (state.call.failure === undefined) return new ExtismInstance(state, exports);
  state.close();
  throw state.call.failure;
}

// The first that holds: what the host refused or failed to do, the error that was set, the app's own error, the trap.
function faultOf(
  { call: { failure }, exchange }: InstanceState,
  trap: PlugbayError | undefined,
): PlugbayError {
  if (failure !== undefined && failure.code !== 'internal') return failure;
  const text = exchange.error();
  if (text !== undefined) return new PlugbayError('plugin', text, { cause: failure ?? trap });
  return failure ?? trap ?? new PlugbayError('internal', 'a call failed without an error');
}

function exitError(state: InstanceState): PlugbayError {
  return new PlugbayError(
    'plugin',
    `the module exited with code ${state.exitCode ?? 0} while it was starting`,
  );
}
