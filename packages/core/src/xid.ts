// xid: 12 bytes (seconds, five of this process, a counter) in 20 characters of base 32 hex; sorts by time.
// https://github.com/rs/xid#xid
import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

const ALPHABET = '0123456789abcdefghijklmnopqrstuv';
const COUNTER_VALUES = 2 ** 24;

// Of the 96 bits, the first 70 are 14 characters that change once a second; of the others, 2 belong to the process and 24 to the counter.
const STEADY_CHARACTERS = 14;
const STEADY_BYTES = 9;

/** A source of xids that differ from those of every other source and sort by the second they were made in. */
export function xidSource(clock: Clock): () => string {
  const process = randomBytes(5);
  let counter = randomBytes(3).readUIntBE(0, 3);
  let second = Number.NaN;
  let steady = '';
  const lastBits = ((process[4] as number) & 3) << 24;
  return () => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second) {
      steady = encodeSteady(now, process);
      second = now;
    }
    counter = (counter + 1) % COUNTER_VALUES;
    return steady + encodeRest(lastBits | counter);
  };
}

function encodeSteady(second: number, process: Uint8Array): string {
  const bytes = new Uint8Array(STEADY_BYTES);
  new DataView(bytes.buffer).setUint32(0, second);
  bytes.set(process, 4);
  let text = '';
  let [bits, held] = [0, 0];
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < STEADY_CHARACTERS) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return text;
}

// 26 bits in groups of five from the front; the last character holds one bit and four zeros.
function encodeRest(bits: number): string {
  return (
    ALPHABET.charAt(bits >> 21) +
    ALPHABET.charAt((bits >> 16) & 31) +
    ALPHABET.charAt((bits >> 11) & 31) +
    ALPHABET.charAt((bits >> 6) & 31) +
    ALPHABET.charAt((bits >> 1) & 31) +
    ALPHABET.charAt((bits & 1) << 4)
  );
}
