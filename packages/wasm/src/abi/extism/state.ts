// What the imports of one instance work on, and the steps that several of them share.
import { isPlugbayError, PlugbayError } from '@plugbay/core';
import type { Wasi } from '../../wasi/wasi.ts';
import type { Environment } from '../environment.ts';
import type { Names } from '../names.ts';
import type { RunningCall } from '../running-call.ts';
import type { WasiMaker } from '../wasi.ts';
import type { FunctionContext } from './context.ts';
import { Exchange } from './exchange.ts';

/** The changing state of one instance. */
export class InstanceState {
  readonly environment: Environment;
  readonly exchange: Exchange;
  /** The call that the instance serves. */
  call: RunningCall;
  /** What this call's host functions see; made for the first one. */
  context: FunctionContext | undefined = undefined;
  /** Whether status and headers of the last HTTP answer outlive its call. */
  keepsHttp = false;
  /** The status of this call's last HTTP answer; 0 when there is none. */
  httpStatus = 0;
  /** The headers of this call's last HTTP answer as JSON; empty when there is none. */
  httpHeaders = '';

  /** The WASI of each of its modules that imports it. */
  readonly wasi: Wasi[] = [];
  /** The commands among its modules that are running, each in an instance of its own. */
  readonly commands: string[] = [];
  /** The fuel of each of its metered modules. */
  readonly fuel: WebAssembly.Global[] = [];
  readonly #makeWasi: WasiMaker;

  /** With a new exchange memory. @throws RangeError when there is no memory for it. */
  constructor(environment: Environment, call: RunningCall, makeWasi: WasiMaker) {
    const { limits, waiting } = environment;
    this.environment = environment;
    this.call = call;
    this.exchange = waiting === undefined ? new Exchange(limits) : new Exchange(limits, { shared: true });
    this.#makeWasi = makeWasi;
  }

  /** Calls into the guest from JavaScript, below which it cannot be suspended. */
  unsuspended<T>(run: () => T): T {
    const { waiting } = this.environment;
    return waiting === undefined ? run() : waiting.unsuspended(run);
  }

  /** WASI for one more of its modules. @throws PlugbayError `invalid`, `not_found` (what was granted is not there). */
  newWasi(): Wasi {
    const wasi = this.#makeWasi(this);
    this.wasi.push(wasi);
    return wasi;
  }

  /** Turns to the next call and writes its input. @throws PlugbayError `limit`. */
  begin(call: RunningCall, input: Uint8Array | string | undefined): void {
    this.call = call;
    this.context = undefined;
    if (!this.keepsHttp) {
      this.httpStatus = 0;
      this.httpHeaders = '';
    }
    if (this.fuel.length > 0) for (const global of this.fuel) global.value = 0n;
    this.exchange.begin(input);
  }

  /** What the guest gave to `proc_exit`; undefined when it did not call it. */
  get exitCode(): number | undefined {
    if (this.wasi.length > 0)
      for (const { exitCode } of this.wasi) if (exitCode !== undefined) return exitCode;
    return undefined;
  }

  /**
   * Runs a command in instances that are over when it has returned: nothing of them stays but an exit code.
   * @throws PlugbayError `limit` (it is running already), and what `run` throws.
   */
  runCommand<T>(name: string, run: () => T): T {
    this.call.countHostCall();
    if (this.commands.includes(name)) throw this.call.failed(commandRunning(name));
    const before = { fuel: this.fuel.length, wasi: this.wasi.length };
    this.commands.push(name);
    try {
      return run();
    } finally {
      this.commands.splice(this.commands.indexOf(name), 1);
      for (const { value } of this.fuel.splice(before.fuel)) this.call.refund(Math.max(0, Number(value)));
      for (const wasi of this.wasi.splice(before.wasi)) {
        if (wasi.exitCode !== undefined) this.wasi.push(wasi);
        else {
          wasi.endCall();
          wasi.close();
        }
      }
    }
  }

  /** Writes out what the guest wrote to its streams without ending the line, and settles what it used. */
  endCall(): void {
    if (this.wasi.length > 0) for (const wasi of this.wasi) wasi.endCall();
    if (this.fuel.length > 0) this.call.settleFuel(this.#fuelLeft());
  }

  /** Lets go of what it holds beside memory. */
  close(): void {
    for (const wasi of this.wasi) {
      try {
        wasi.close();
      } catch {
        // The disk refused to close a file: the call has its outcome, and nobody is left who could do something about it.
      }
    }
  }

  // Below zero a module ran out.
  #fuelLeft(): number {
    let left = 0;
    for (const { value } of this.fuel) left += Math.max(0, Number(value));
    return left;
  }
}

/** Makes the JavaScript or WebAssembly function behind one import, for one instance. */
export type ImportMaker = (state: InstanceState) => unknown;

/**
 * The text of a block that the guest handed over; empty for null. `names` knows some already.
 * @throws PlugbayError `trap` (no block), `invalid` (not UTF-8).
 */
export function textArgument(
  state: InstanceState,
  names: Names,
  name: string,
  at: number,
  length: number,
): string {
  if (length < 0) throw noBlock(state, name, at);
  state.call.chargeCopy(length);
  try {
    return names.text(state.exchange.live, at, length);
  } catch (thrown) {
    if (!isPlugbayError(thrown)) throw state.call.failed(thrown);
    throw state.call.failed(new PlugbayError(thrown.code, `${name}: ${thrown.message}`, { cause: thrown }));
  }
}

/** A copy of a block that the guest handed over; empty for null. @throws PlugbayError `trap` (no block). */
export function bytesArgument(state: InstanceState, name: string, at: number, length: number): Uint8Array {
  if (length < 0) throw noBlock(state, name, at);
  state.call.chargeCopy(length);
  return state.exchange.copy(at, length);
}

/** Hands bytes to the guest as a new block. @throws PlugbayError `limit`. */
export function answer(state: InstanceState, content: Uint8Array | string): number {
  state.call.chargeCopy(content.length);
  try {
    return state.exchange.store(content);
  } catch (error) {
    throw state.call.failed(error);
  }
}

/** The error of a guest that handed over what is not a block. */
export function noBlock(state: InstanceState, name: string, at: number | bigint): PlugbayError {
  return state.call.failed(new PlugbayError('trap', `${name}: ${at} is not a block of the exchange memory`));
}

// Each run has a memory of its own, and all memories together have one limit.
function commandRunning(name: string): PlugbayError {
  return new PlugbayError('limit', `the command "${name}" is running: it cannot be called by itself`);
}
