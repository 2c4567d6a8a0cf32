// A bounded reader of WebAssembly's binary format: whatever the bytes are, it ends in a value or a PlugbayError.
import { PlugbayError } from '@plugbay/core';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads from `offset` to `end`. Every method throws PlugbayError `invalid` with the place where the bytes are wrong. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get done(): boolean {
    return this.offset === this.end;
  }

  byte(): number {
    if (this.offset >= this.end) this.fail('ends early');
    return this.bytes[this.offset++] as number;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    return this.#unsigned(32);
  }

  /** An unsigned LEB128 of at most 64 bits; above 2^53 it is rounded. */
  u64(): number {
    return this.#unsigned(64);
  }

  /** A signed LEB128 of at most 33 bits. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte & 0x80) continue;
      if (shift === 28 && byte >= 0x10 && byte < 0x70) break;
      return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
    return this.fail('has an overlong number', this.offset - 1);
  }

  /** Passes over a LEB128 of at most `bytes` bytes, whatever its value. */
  skipNumber(bytes: number): void {
    for (let count = 0; count < bytes; count++) if (this.byte() < 0x80) return;
    this.fail('has an overlong number', this.offset - 1);
  }

  skip(length: number): void {
    if (length > this.end - this.offset) this.fail('ends early', this.end);
    this.offset += length;
  }

  /** A UTF-8 name after its length. */
  name(): string {
    const length = this.u32();
    const start = this.offset;
    this.skip(length);
    try {
      return decoder.decode(this.bytes.subarray(start, this.offset));
    } catch {
      return this.fail('has a name that is not UTF-8', start);
    }
  }

  /** A reader of the next `length` bytes, over which this one passes. */
  part(length: number): Cursor {
    const start = this.offset;
    this.skip(length);
    return new Cursor(this.bytes, start, this.offset);
  }

  /** Passes when everything was read. */
  expectEnd(what: string): void {
    if (!this.done) this.fail(`has ${this.end - this.offset} bytes too many in its ${what}`);
  }

  fail(fault: string, at: number = this.offset): never {
    throw new PlugbayError('invalid', `the module ${fault} at byte ${at}`);
  }

  #unsigned(bits: number): number {
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte();
      const left = bits - shift;
      // The last byte has room for the bits that are left, and none to follow.
      if (left < 7 && byte >= 2 ** left) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.fail('has an overlong number', this.offset - 1);
  }
}
