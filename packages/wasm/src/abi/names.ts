// Names that a guest keeps asking for: its configuration keys and variables are the same in every call.

import { decodeText } from '@plugbay/core';
import { readShortAscii } from './ascii.ts';

// A power of two, above the number of names that most plugins use; a name that shares a slot is decoded anew.
const SLOTS = 16;

// Longer texts are no names, and not worth comparing.
const MAX_BYTES = 64;

/** Turns bytes into text, and short ASCII that it has seen before into the same string without building it again. */
export class Names {
  readonly #slots: (string | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);

  /** The text of `length` of `bytes` from `start`. @throws PlugbayError `invalid` when it is not UTF-8. */
  text(bytes: Uint8Array, start: number, length: number): string {
    if (length > MAX_BYTES) return decodeText(bytes.subarray(start, start + length));
    const slot = hash(bytes, start, length) & (SLOTS - 1);
    const known = this.#slots[slot];
    if (known !== undefined && isSame(known, bytes, start, length)) return known;
    const text = readShortAscii(bytes, start, length) ?? decodeText(bytes.subarray(start, start + length));
    this.#slots[slot] = text;
    return text;
  }
}

function hash(bytes: Uint8Array, start: number, length: number): number {
  let value = length;
  for (let index = start; index < start + length; index++)
    value = (Math.imul(value, 31) + (bytes[index] as number)) | 0;
  return value;
}

// A character beyond ASCII is never equal to a byte of its encoding that could stand in its place.
function isSame(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f || code !== bytes[start + index]) return false;
  }
  return true;
}
