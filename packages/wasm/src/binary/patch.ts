// Copies bytes with changes: what is not replaced or inserted before stays as it is.
import { WRITTEN, type Written } from './instructions.ts';

// Below it, a loop is faster than a copy by the runtime.
const SHORT = 24;
const MEMORY_FOLLOWS = 0x40;
const LENGTH_BYTES = 5;

/** A copy of `source` that grows as its end is reached. `copied` is how far the source is in it. */
export class Patch {
  readonly source: Uint8Array;
  copied: number;
  #bytes: Uint8Array;
  #length = 0;

  /** `expected` is how many bytes the copy will have, roughly. */
  constructor(source: Uint8Array, start: number, expected: number) {
    this.source = source;
    this.copied = start;
    this.#bytes = new Uint8Array(Math.max(expected, 64));
  }

  /** The copy. It shares memory with this patch, which is done. */
  finish(end: number): Uint8Array {
    this.copyTo(end);
    return this.#bytes.subarray(0, this.#length);
  }

  /** Copies what was not copied yet, up to `end`. */
  copyTo(end: number): void {
    const { source } = this;
    const count = end - this.copied;
    this.#reserve(count);
    if (count < SHORT)
      for (let at = this.copied; at < end; at++) this.#bytes[this.#length++] = source[at] as number;
    else {
      this.#bytes.set(source.subarray(this.copied, end), this.#length);
      this.#length += count;
    }
    this.copied = end;
  }

  /** Inserts bytes at `at` of the source; answers with where in the copy they start. */
  insert(at: number, bytes: ArrayLike<number>): number {
    this.copyTo(at);
    this.#reserve(bytes.length);
    const start = this.#length;
    for (let index = 0; index < bytes.length; index++) this.#bytes[this.#length++] = bytes[index] as number;
    return start;
  }

  /** Writes `value` in place of the index from `from` to `to` of the source. */
  replaceIndex(from: number, to: number, value: number, written: Written): void {
    this.copyTo(from);
    this.copied = to;
    this.#reserve(2 * LENGTH_BYTES);
    if (written === WRITTEN.plainly) this.#unsigned(value);
    else if (written === WRITTEN.afterAlignment) {
      // An alignment has 7 bits, in however many bytes they are written.
      this.#bytes[this.#length++] = ((this.source[from] as number) & 0x7f) | MEMORY_FOLLOWS;
      this.#unsigned(value);
    } else {
      this.#unsigned(value);
      // A positive number's last byte has room for its sign.
      const last = this.#bytes[this.#length - 1] as number;
      if (last >= 0x40) {
        this.#bytes[this.#length - 1] = last | 0x80;
        this.#bytes[this.#length++] = 0;
      }
    }
  }

  /** Leaves out the source up to `to`, and instead writes the length of what comes until `closeLength`. */
  openLength(from: number, to: number): number {
    this.copyTo(from);
    this.copied = to;
    this.#reserve(LENGTH_BYTES);
    this.#length += LENGTH_BYTES;
    return this.#length;
  }

  /** Ends at `end` of the source what `openLength` began at `start`, which it returned; answers with the length. */
  closeLength(start: number, end: number): number {
    this.copyTo(end);
    const stop = this.#length;
    this.#length = start - LENGTH_BYTES;
    this.#unsigned(stop - start);
    this.#bytes.copyWithin(this.#length, start, stop);
    this.#length += stop - start;
    return stop - start;
  }

  #unsigned(value: number): void {
    let left = value;
    while (left >= 0x80) {
      this.#bytes[this.#length++] = (left & 0x7f) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.#bytes[this.#length++] = left;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
