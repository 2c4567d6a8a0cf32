// How deep a JSON document is nested, looked at in its bytes before anything is made of them.
import { PlugbayError } from '@plugbay/core';

// 10,000: where Go's decoder stops too. What is nested deeper could end the stack of whoever walks it.
const NESTING_MAX = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Passes when nothing in the document is nested deeper than 10,000. @throws PlugbayError `invalid`. */
export function requireShallow(bytes: Uint8Array): void {
  // A short document cannot be nested that deep.
  if (bytes.length <= NESTING_MAX) return;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) {
      quoted = true;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > NESTING_MAX) throw tooDeep();
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
}

function tooDeep(): PlugbayError {
  return new PlugbayError('invalid', `the JSON is nested deeper than ${NESTING_MAX}`);
}
