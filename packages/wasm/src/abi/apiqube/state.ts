// What the imports of one instance work on, and the steps that several of them share.

import { isExit } from '../../wasi/exit.ts';
import type { Wasi } from '../../wasi/wasi.ts';
import type { Environment } from '../environment.ts';
import type { RunningCall } from '../running-call.ts';
import type { Serving } from '../suspension.ts';
import { trapError } from '../trap.ts';
import { GuestMemory } from './guest-memory.ts';

/** The changing state of one instance. */
export class InstanceState implements Serving {
  /** The call that the instance serves. */
  call: RunningCall;
  readonly memory: GuestMemory;
  /** Undefined when the module imports none. */
  wasi: Wasi | undefined = undefined;
  /** What a metered module has left; undefined for another. */
  fuel: WebAssembly.Global | undefined = undefined;
  /** Whether it must not be called again: it was left in the middle of something. */
  broken = false;

  constructor(environment: Environment, call: RunningCall) {
    this.call = call;
    this.memory = new GuestMemory(environment);
  }

  /** Turns to the next call. */
  begin(call: RunningCall): void {
    this.call = call;
    if (this.fuel !== undefined) this.fuel.value = 0n;
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

  /** A copy of what the guest points at; undefined when that is outside. Both are as WebAssembly hands them over, signed. */
  read(at: number, length: number): Uint8Array | undefined {
    const [start, bytes] = [at >>> 0, length >>> 0];
    if (!this.memory.has(start, bytes)) return undefined;
    this.call.chargeCopy(bytes);
    return this.memory.copy(start, bytes);
  }

  /**
   * Answers the guest with bytes in memory that it reserves itself: a packed value, and 0n when it cannot take them. A guest that
   * crashed over it goes on with this call, and with no other.
   * @throws what ends the call: its limits, and the guest's own exit.
   */
  answer(content: Uint8Array | string): bigint {
    const length = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
    this.call.chargeCopy(length);
    try {
      return this.memory.write(content, length);
    } catch (thrown) {
      if (isExit(thrown)) throw thrown;
      if (this.call.failure !== undefined) throw this.call.failure;
      if (trapError(thrown).code !== 'invalid') this.broken = true;
      return 0n;
    }
  }
}

/** Makes the function behind one import, for one instance. */
export type ImportMaker = (state: InstanceState) => unknown;
