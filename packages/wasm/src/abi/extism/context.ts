// What a host function sees of the call it serves.
import { type HostFunctionContext, type Invocation, PlugbayError } from '@plugbay/core';
import type { RunningCall } from '../running-call.ts';
import type { Variables } from '../variables.ts';
import type { Exchange } from './exchange.ts';

/** The context of one call; once the call has ended, all it does is throw `unavailable`. */
export class FunctionContext implements HostFunctionContext {
  readonly #call: RunningCall;
  readonly #exchange: Exchange;
  readonly #variables: Variables;

  constructor(call: RunningCall, exchange: Exchange, variables: Variables) {
    this.#call = call;
    this.#exchange = exchange;
    this.#variables = variables;
  }

  /** The exchange memory that the call uses, for whoever gives host functions a context of another kind. */
  get exchange(): Exchange {
    return this.#exchange;
  }

  get context(): unknown {
    return this.#call.context;
  }

  get invocation(): Invocation {
    return this.#call.invocation;
  }

  read(offset: bigint): Uint8Array | undefined {
    return this.#open().read(offset);
  }

  text(offset: bigint): string | undefined {
    return this.#open().text(offset);
  }

  length(offset: bigint): number {
    return this.#open().lengthOf(offset);
  }

  alloc(bytes: number): bigint {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new PlugbayError('invalid', `a block has a whole number of bytes, not ${bytes}`);
    }
    return this.#open().alloc(bytes);
  }

  store(content: Uint8Array | string): bigint {
    return BigInt(this.#open().store(content));
  }

  setError(message: string | undefined): void {
    this.#open().setError(message);
  }

  getVariable(name: string): Uint8Array | undefined {
    this.#open();
    return this.#variables.get(name)?.slice();
  }

  setVariable(name: string, value: Uint8Array | string): void {
    this.#open();
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.#variables.set(name, Buffer.byteLength(name), bytes, 0, bytes.length);
  }

  deleteVariable(name: string): void {
    this.#open();
    this.#variables.delete(name, Buffer.byteLength(name));
  }

  #open(): Exchange {
    if (!this.#call.ended) return this.#exchange;
    throw new PlugbayError('unavailable', 'the call that this context belongs to has ended', {
      hint: 'Use the context of a host function only until the function returns.',
    });
  }
}
