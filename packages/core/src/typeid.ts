// TypeID 0.3: a type's prefix and a UUIDv7 in Crockford's base 32, so that ids sort by time and say what they name.
// https://github.com/jetify-com/typeid/tree/main/spec
import { randomFillSync } from 'node:crypto';
import type { Clock } from './clock.ts';
import { PlugbayError } from './error.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const PATTERN = /^([a-z](?:[a-z_]{0,61}[a-z])?)_([0-7][0-9a-hjkmnp-tv-z]{25})$/;

/** A new TypeID, for example `app_01h455vb4pex5vsknk084sn02q`. `prefix`: 1 to 63 of a–z and inner `_`. */
export function newTypeId(prefix: string, clock: Clock): string {
  return `${prefix}_${encode(uuidv7(clock.now()))}`;
}

/**
 * Checks that `text` is a TypeID with this prefix and returns it.
 * @throws PlugbayError `invalid` otherwise.
 */
export function parseTypeId(prefix: string, text: string): string {
  const match = PATTERN.exec(text);
  if (match === null || match[1] !== prefix) {
    throw new PlugbayError(
      'invalid',
      `${JSON.stringify(text.slice(0, 80))} is not an id of the form ${prefix}_…`,
      {
        hint: `An id is "${prefix}_" and 26 characters, as the server gave it.`,
      },
    );
  }
  return text;
}

/** The creation time of a TypeID in epoch milliseconds. @throws PlugbayError `invalid` when it is no TypeID. */
export function typeIdTime(prefix: string, text: string): number {
  const suffix = parseTypeId(prefix, text).slice(prefix.length + 1);
  // 130 bits hold 128: the first ten digits are two zero bits and the 48 of the time.
  let time = 0;
  for (const digit of suffix.slice(0, 10)) time = time * 32 + ALPHABET.indexOf(digit);
  return time;
}

// RFC 9562 §5.7: 48 bits of time, then random bits around the version and the variant.
function uuidv7(milliseconds: number): Uint8Array {
  const bytes = randomFillSync(new Uint8Array(16));
  new DataView(bytes.buffer).setUint16(0, Math.floor(milliseconds / 2 ** 32));
  new DataView(bytes.buffer).setUint32(2, milliseconds % 2 ** 32);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes;
}

function encode(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let digit = 0; digit < 26; digit++) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}
