// What host functions get first: the exchange memory of the plugin that calls them, its variables, its log.
import { isPlugbayError } from '@plugbay/core';
import type { Exchange } from '../../abi/extism/exchange.ts';
import type { Frame } from './frame.ts';
import { outputOf, type PluginOutput } from './output.ts';
import type { Session } from './session.ts';
import type { LogLevel } from './types.ts';

/** The context of host functions. It is good until the plugin is called again or reset, also after the function has returned. */
export class CallContext {
  readonly #session: Session;
  readonly #exchange: Exchange;
  #frame: Frame | undefined;

  /** @internal */
  constructor(session: Session, exchange: Exchange) {
    this.#session = session;
    this.#exchange = exchange;
  }

  /** @internal Turns to a call, or to none. */
  serve(frame: Frame | undefined): void {
    this.#frame = frame;
  }

  /** @internal Whether this is the call that it serves. */
  serves(frame: Frame): boolean {
    return this.#frame === frame;
  }

  /** The third argument of the `call` that is running, the very same; null when none is. */
  // biome-ignore lint/suspicious/noExplicitAny: code that was written for the SDK takes what it wants from it.
  hostContext<T = any>(): T {
    return (this.#frame === undefined ? null : this.#frame.hostContext) as T;
  }

  /** A new zeroed block of `size` bytes; 0n for none, or when there is no room. @throws RangeError for what is no size. */
  alloc(size: bigint | number): bigint {
    const bytes = Number(size);
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`a block cannot have ${size} bytes`);
    return this.#within(bytes, () => this.#exchange.alloc(bytes));
  }

  /** A copy of a variable's value; null when there is none of this name. */
  getVariable(name: string): PluginOutput | null {
    const value = this.#session.variables.get(name);
    return value === undefined ? null : outputOf(value.slice());
  }

  /** Sets a variable. Beyond `maxVarBytes`, it fails the call instead. */
  setVariable(name: string, value: string | Uint8Array): void {
    const bytes = bytesOf(value);
    this.#session.variables.set(name, Buffer.byteLength(name), bytes, 0, bytes.length);
  }

  deleteVariable(name: string): void {
    this.#session.variables.delete(name, Buffer.byteLength(name));
  }

  /** A copy of the block that starts at `addr`; null when none does. */
  read(addr: bigint | number): PluginOutput | null {
    const bytes = this.#exchange.read(BigInt(addr));
    return bytes === undefined ? null : outputOf(bytes);
  }

  /** A new block with this content; 0n for no content, or when there is no room. */
  store(input: string | Uint8Array): bigint {
    const bytes = bytesOf(input);
    return this.#within(bytes.length, () => BigInt(this.#exchange.store(bytes)));
  }

  /** Bytes of the block that starts at `addr`; 0n when none does. */
  length(addr: bigint): bigint {
    return BigInt(this.#exchange.lengthOf(BigInt(addr)));
  }

  /** Fails the call with this text, when it ends; without one, takes that back. */
  setError(err?: string | Error | null): void {
    const text = err instanceof Error ? err.message : err;
    this.#exchange.setError(text === null || text === '' ? undefined : text);
  }

  /** The least severe level that the plugin's log lines are written from; it holds from now on, for all calls. */
  get logLevel(): LogLevel {
    return this.#session.log.level;
  }

  set logLevel(level: LogLevel) {
    this.#session.log.level = level;
  }

  // The SDK answers with null and an error in the log, which plugins are written for.
  #within(bytes: number, make: () => bigint): bigint {
    try {
      return make();
    } catch (error) {
      if (!isPlugbayError(error) || error.code !== 'limit') throw error;
      // What the kernel refused is said when the call ends; this did not even reach it.
      if (this.#exchange.refusedContent === undefined) this.#session.allowance.complainOf(bytes);
      return 0n;
    }
  }
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content;
}
