// Texts of errors on their way between guest and host: one that fills the memory would end up in logs, so they are cut.
import { ERROR_TEXT_BYTES } from '../error-text.ts';

// A text that is not UTF-8, or was cut within a character, is a text still. A mark at its start belongs to it.
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

// UTF-8 has three bytes at most for each unit of a string.
const UNIT_BYTES = 3;

/** How many bytes of a text of `length` bytes count. */
export function errorTextBytes(length: number): number {
  return Math.min(length, ERROR_TEXT_BYTES);
}

/** The text, in UTF-8, of a guest's error. */
export function decodeErrorText(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** A text in UTF-8, cut between two characters where it is too long. */
export function encodeErrorText(text: string): Uint8Array {
  if (text.length * UNIT_BYTES <= ERROR_TEXT_BYTES) return encoder.encode(text);
  const bytes = new Uint8Array(ERROR_TEXT_BYTES);
  return bytes.subarray(0, encoder.encodeInto(text, bytes).written);
}
