// What the imports of one instance work on, and the steps that several of them share.
import { isPlugbayError, type Limits, PlugbayError } from '@plugbay/core';
import type { RunningCall } from '../running-call.ts';
import type { FunctionContext } from './context.ts';
import { Exchange } from './exchange.ts';
import type { KernelImports } from './kernel.ts';

/** The changing state of one instance. */
export class InstanceState {
  readonly exchange: Exchange;
  /** The call that the instance serves. */
  call: RunningCall;
  /** What this call's host functions see; made for the first one. */
  context: FunctionContext | undefined = undefined;
  /** The status of this call's last HTTP answer; 0 when there is none. */
  httpStatus = 0;
  /** The headers of this call's last HTTP answer as JSON; empty when there is none. */
  httpHeaders = '';

  /** With a new exchange memory. @throws RangeError when there is no memory for it. */
  constructor(
    kernel: WebAssembly.Module,
    limits: Limits,
    call: RunningCall,
    imports: (state: InstanceState) => KernelImports,
  ) {
    this.call = call;
    this.exchange = new Exchange(kernel, limits, imports(this));
  }

  /** Turns to the next call and writes its input. @throws PlugbayError `limit`. */
  begin(call: RunningCall, input: Uint8Array | string | undefined): void {
    this.call = call;
    this.context = undefined;
    this.httpStatus = 0;
    this.httpHeaders = '';
    this.exchange.begin(input);
  }
}

/** Makes the JavaScript or WebAssembly function behind one import, for one instance. */
export type ImportMaker = (state: InstanceState) => unknown;

/**
 * The text of a block that the guest handed over; empty for null.
 * @throws PlugbayError `trap` (no block), `invalid` (not UTF-8).
 */
export function textArgument(state: InstanceState, name: string, at: number, length: number): string {
  if (length < 0) throw noBlock(state, name, at);
  try {
    return state.exchange.text(at, length);
  } catch (thrown) {
    if (!isPlugbayError(thrown)) throw state.call.failed(thrown);
    throw state.call.failed(new PlugbayError(thrown.code, `${name}: ${thrown.message}`, { cause: thrown }));
  }
}

/** A copy of a block that the guest handed over; empty for null. @throws PlugbayError `trap` (no block). */
export function bytesArgument(state: InstanceState, name: string, at: number, length: number): Uint8Array {
  if (length < 0) throw noBlock(state, name, at);
  return state.exchange.copy(at, length);
}

/** Hands bytes to the guest as a new block. @throws PlugbayError `limit`. */
export function answer(state: InstanceState, content: Uint8Array | string): number {
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
