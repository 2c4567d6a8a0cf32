// The variables of one plugin: bytes that it keeps between calls, beside its instances, so that they survive them.
import { PlugbayError, VARIABLE_OVERHEAD_BYTES } from '@plugbay/core';

// Up to here a loop is faster than a call into the runtime.
const SHORT_BYTES = 32;

/** Variables by name, within a budget of bytes. */
export class Variables {
  readonly #values = new Map<string, Uint8Array>();
  readonly #budget: number;
  #used = 0;

  /** `budget`: bytes of all variables, each of which costs its name, its value and {@link VARIABLE_OVERHEAD_BYTES}. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** The value itself, which the caller must not change or keep. */
  get(name: string): Uint8Array | undefined {
    return this.#values.get(name);
  }

  /**
   * Sets a variable to a copy of `length` bytes of `source`. `nameBytes`: the name's length as UTF-8.
   * @throws PlugbayError `limit` when the variables cost more than the budget.
   */
  set(name: string, nameBytes: number, source: Uint8Array, start: number, length: number): void {
    const old = this.#values.get(name);
    const oldCost = old === undefined ? 0 : variableCost(nameBytes, old.length);
    const used = this.#used - oldCost + variableCost(nameBytes, length);
    if (used > this.#budget) {
      throw new PlugbayError(
        'limit',
        `Variable store is full: ${used} bytes, variableBytes is ${this.#budget}`,
      );
    }
    if (old !== undefined && old.length === length) {
      // The common case, a counter or a date: no new array each time.
      if (length > SHORT_BYTES) old.set(source.subarray(start, start + length));
      else for (let index = 0; index < length; index++) old[index] = source[start + index] as number;
      return;
    }
    const value = new Uint8Array(length);
    value.set(source.subarray(start, start + length));
    // In this order: a guest can call with next to no stack left, and then a call may not be made.
    this.#values.set(name, value);
    this.#used = used;
  }

  /** Takes over what was decided elsewhere, whatever it costs; undefined deletes. */
  adopt(name: string, value: Uint8Array | undefined): void {
    const nameBytes = Buffer.byteLength(name);
    this.delete(name, nameBytes);
    if (value === undefined) return;
    this.#values.set(name, value);
    this.#used += variableCost(nameBytes, value.length);
  }

  /** All of them, with their values, which the caller must not change or keep. */
  entries(): Iterable<readonly [name: string, value: Uint8Array | undefined]> {
    return this.#values;
  }

  delete(name: string, nameBytes: number): void {
    const old = this.#values.get(name);
    if (old === undefined) return;
    const cost = variableCost(nameBytes, old.length);
    this.#values.delete(name);
    this.#used -= cost;
  }
}

// As the Extism runtime counts.
function variableCost(nameBytes: number, valueBytes: number): number {
  return nameBytes + valueBytes + VARIABLE_OVERHEAD_BYTES;
}
