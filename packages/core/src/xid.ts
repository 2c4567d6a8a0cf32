// xid: 12 bytes (seconds, five of this process, a counter) in 20 characters of base 32 hex; sorts by time.
// https://github.com/rs/xid#xid
import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

const ALPHABET = '0123456789abcdefghijklmnopqrstuv';
const COUNTER_VALUES = 2 ** 24;

/** A source of xids that differ from those of every other source and sort by the second they were made in. */
export function xidSource(clock: Clock): () => string {
  const process = randomBytes(5);
  let counter = randomBytes(3).readUIntBE(0, 3);
  return () => {
    const bytes = new Uint8Array(12);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, Math.floor(clock.now() / 1000));
    bytes.set(process, 4);
    counter = (counter + 1) % COUNTER_VALUES;
    view.setUint8(9, counter >> 16);
    view.setUint16(10, counter & 0xffff);
    return encode(bytes);
  };
}

// 96 bits in groups of five from the front; the last character holds one bit and four zeros.
function encode(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return text + ALPHABET.charAt((held << (5 - bits)) & 31);
}
