// What the imports of one instance work on: the request, and what guest and host have answered so far.
import { PlugbayError } from '@plugbay/core';
import type { Wasi } from '../../wasi/wasi.ts';
import type { RunningCall } from '../running-call.ts';
import type { Serving } from '../suspension.ts';
import { encodeErrorText } from './error-text.ts';
import { GuestMemory } from './guest-memory.ts';

const EMPTY = new Uint8Array(0);

/** What a host call failed with. */
interface HostFailure {
  /** What the guest was told. */
  readonly text: string;
  /** What was thrown; undefined when the answer itself said that it failed. */
  readonly thrown: unknown;
}

/** The changing state of one instance. All of it belongs to one call, and nothing of it to the next. */
export class WapcState implements Serving {
  /** The call that the instance serves. */
  call: RunningCall;
  readonly memory: GuestMemory = new GuestMemory();
  /** Undefined when the module imports none. */
  wasi: Wasi | undefined = undefined;
  /** What a metered module has left; undefined for another. */
  fuel: WebAssembly.Global | undefined = undefined;
  /** The operation's name in UTF-8. */
  operation: Uint8Array = EMPTY;
  payload: Uint8Array = EMPTY;
  /** The guest's answer; undefined while there is none, which is not the same as an empty one. */
  response: Uint8Array | undefined = undefined;
  /** The text of the guest's error; empty while there is none. */
  error = '';
  /** The answer to the last host call. */
  hostResponse: Uint8Array = EMPTY;
  /** The text of the last host call's error, in UTF-8. */
  hostError: Uint8Array = EMPTY;
  /** Why the last host call failed. */
  hostFailure: HostFailure | undefined = undefined;
  /** Whether the guest has called `abort`, after which it is not to be called again, even if it went on. */
  aborted = false;

  constructor(call: RunningCall) {
    this.call = call;
  }

  /** Turns to the next call. */
  begin(call: RunningCall, operation: Uint8Array, payload: Uint8Array): void {
    this.call = call;
    if (this.fuel !== undefined) this.fuel.value = 0n;
    this.request(operation, payload);
  }

  /** Forgets everything but this request. */
  request(operation: Uint8Array, payload: Uint8Array): void {
    this.operation = operation;
    this.payload = payload;
    this.response = undefined;
    this.error = '';
    this.forgetHostAnswer();
  }

  /** Forgets what the last host call came to. */
  forgetHostAnswer(): void {
    this.hostResponse = EMPTY;
    this.hostError = EMPTY;
    this.hostFailure = undefined;
  }

  /** Makes the host call one that failed. */
  failHostCall(text: string, thrown?: unknown): void {
    this.hostError = encodeErrorText(text);
    this.hostFailure = { text, thrown };
  }

  /** What the guest gave to `proc_exit`; undefined when it did not call it. */
  get exitCode(): number | undefined {
    return this.wasi?.exitCode;
  }

  /** Writes out what the guest wrote to its streams without ending the line, and settles what it used. */
  endCall(): void {
    this.wasi?.endCall();
    // Below zero it ran out.
    if (this.fuel !== undefined) this.call.settleFuel(Math.max(0, Number(this.fuel.value)));
  }

  /** Lets go of what it holds beside memory. */
  close(): void {
    try {
      this.wasi?.close();
    } catch {
      // The disk refused to close a file: the call has its outcome, and nobody is left who could do something about it.
    }
  }

  /**
   * Where a range of the guest's memory starts, once it is known to be inside. Pointer and length come signed, as WebAssembly
   * hands them over. The pointer of an empty range may be any: languages have odd ones for it.
   * @throws PlugbayError `trap` that names the import, as the call's failure.
   */
  locate(name: string, pointer: number, length: number): number {
    const start = pointer >>> 0;
    const bytes = length >>> 0;
    if (start + bytes <= this.memory.live.length) return start;
    if (bytes === 0) return 0;
    throw this.call.failed(this.#outside(name, start, bytes));
  }

  #outside(name: string, start: number, bytes: number): PlugbayError {
    const where = this.memory.isBound
      ? `outside of the memory, which has ${this.memory.live.length}`
      : 'outside of the memory, which is not there before the module has started';
    return new PlugbayError('trap', `${name}: ${bytes} bytes at ${start} are ${where}`);
  }
}

/** Makes the function behind one import, for one instance. */
export type ImportMaker = (state: WapcState) => unknown;
