// One instance of a waPC plugin: the guest and the call it serves.
import { type Limits, PlugbayError } from '@plugbay/core';
import { isExit } from '../../wasi/exit.ts';
import type { Instance } from '../abi.ts';
import { NO_OUTPUT } from '../no-output.ts';
import type { RunningCall } from '../running-call.ts';
import type { Starting } from '../starting.ts';
import type { SuspendableCall } from '../suspendable-call.ts';
import { instantiationError, trapError } from '../trap.ts';
import type { Assemble, Exports } from './assemble.ts';
import { GUEST_CALL } from './exports.ts';
import { exitError, initialise } from './initialise.ts';
import { failureText } from './outcome.ts';
import type { WapcState } from './state.ts';

const SUCCESS = 1;
const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

type Input = Uint8Array | string | undefined;
type GuestCall = (operationLength: number, payloadLength: number) => unknown;
type SuspendableGuestCall = (operationLength: number, payloadLength: number) => Promise<unknown>;

/** A module's instance; which of several errors a call ends with is decided in {@link faultOf}. */
export class WapcInstance implements Instance {
  readonly #state: WapcState;
  readonly #limits: Limits;
  readonly #guestCall: GuestCall;
  #promising: SuspendableGuestCall | undefined;
  // The operation that was called last, and mostly is called again.
  #name = '';
  #operation: Uint8Array = EMPTY;
  #broken = false;

  constructor(state: WapcState, exports: Exports, limits: Limits) {
    this.#state = state;
    this.#limits = limits;
    this.#guestCall = exports[GUEST_CALL] as GuestCall;
  }

  get spent(): boolean {
    return this.#broken || this.#state.call.failure !== undefined;
  }

  invoke(name: string, input: Input, call: RunningCall): Uint8Array {
    this.#begin(name, input, call);
    const { operation, payload } = this.#state;
    let returned: unknown;
    try {
      returned = this.#guestCall(operation.length, payload.length);
    } catch (thrown) {
      this.#left(thrown);
    }
    return this.#answer(returned, name, call);
  }

  invokeAsync(name: string, input: Input, call: SuspendableCall): Promise<Uint8Array> {
    // A copy, because the guest may ask for it again after it was suspended. Not by slice, which of a Buffer makes a view.
    this.#begin(name, typeof input === 'object' ? new Uint8Array(input) : input, call);
    this.#promising ??= WebAssembly.promising(this.#guestCall as () => unknown) as SuspendableGuestCall;
    const { operation, payload } = this.#state;
    return this.#promising(operation.length, payload.length).then(
      (returned) => this.#answer(returned, name, call),
      (thrown) => {
        this.#left(thrown);
        return this.#answer(undefined, name, call);
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
    const payload = typeof input === 'string' ? encoder.encode(input) : (input ?? EMPTY);
    const { inputBytes } = this.#limits;
    if (payload.length > inputBytes) throw tooLong(payload.length, inputBytes);
    if (this.#name !== name) {
      this.#operation = encoder.encode(name);
      this.#name = name;
    }
    this.#state.begin(call, this.#operation, payload);
  }

  // The guest did not return: it trapped or was unwound, or it exited.
  #left(thrown: unknown): void {
    this.#broken = true;
    if (isExit(thrown)) return;
    this.#state.endCall();
    throw faultOf(this.#state, trapError(thrown));
  }

  #answer(returned: unknown, name: string, call: RunningCall): Uint8Array {
    const state = this.#state;
    state.endCall();
    // A guest can catch what leaves it and return; what it called is what counts.
    const { error, response, exitCode } = state;
    if (exitCode !== undefined || state.aborted) this.#broken = true;
    if (call.failure !== undefined || error !== '') throw faultOf(state, undefined);
    // Nothing of it is kept until the next call.
    state.request(EMPTY, EMPTY);
    if (returned === SUCCESS && exitCode === undefined) return response ?? NO_OUTPUT;
    throw new PlugbayError('plugin', failureText(name, returned, exitCode));
  }
}

/** What a module exports once it is initialised. @throws PlugbayError `trap`, `unavailable`, `plugin`, and what the imports throw. */
export function* startInstance(assemble: Assemble, state: WapcState): Starting<Exports> {
  let exports: Exports;
  try {
    exports = yield* assemble(state);
    yield* initialise(exports, state);
    state.endCall();
  } catch (thrown) {
    throw stillborn(
      state,
      isExit(thrown) ? exitError('its start function', thrown.code) : instantiationError(thrown),
    );
  }
  if (state.call.failure !== undefined || state.error !== '') throw stillborn(state, undefined);
  state.request(EMPTY, EMPTY);
  return exports;
}

function stillborn(state: WapcState, trap: PlugbayError | undefined): PlugbayError {
  const error = faultOf(state, trap);
  state.close();
  return error;
}

// The first that holds: what the host refused or failed to do, the guest's own error, the app's own error, the trap.
function faultOf(state: WapcState, trap: PlugbayError | undefined): PlugbayError {
  const { call, error, hostFailure } = state;
  const { failure } = call;
  state.request(EMPTY, EMPTY);
  if (failure !== undefined && failure.code !== 'internal') return failure;
  if (error === '') return failure ?? trap ?? new PlugbayError('internal', 'a call failed without an error');
  // A guest that hands on what its host call failed with means that.
  const handedOn =
    hostFailure !== undefined && error.includes(hostFailure.text) ? hostFailure.thrown : undefined;
  return new PlugbayError('plugin', error, { cause: failure ?? trap ?? handedOn });
}

function tooLong(bytes: number, inputBytes: number): PlugbayError {
  return new PlugbayError('limit', `the input has ${bytes} bytes; inputBytes is ${inputBytes}`);
}
