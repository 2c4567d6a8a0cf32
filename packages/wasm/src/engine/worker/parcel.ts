// What a slot carries: byte strings one after the other, each with its length before it.
import { FLAG, type SharedLayout, SLOT, SLOT_DATA_BYTES } from './layout.ts';

/** One part: bytes, or text that becomes UTF-8. */
export type Part = Uint8Array | string;

/** Parts that were too many for a slot, as a message. */
export interface Spill {
  readonly type: 'spill';
  readonly slot: number;
  readonly parts: readonly Uint8Array[];
}

const LENGTH_BYTES = 4;
// What one UTF-16 unit becomes at most.
const UTF8_BYTES = 3;
// Up to here a loop is faster than a call into the runtime.
const SHORT_BYTES = 32;

const encoder = new TextEncoder();

/**
 * Writes parts into a slot; what has no room there is handed to `spill` as copies, which it may give away.
 * `flags` are the slot's other ones.
 */
export function writeParcel(
  shared: SharedLayout,
  slot: number,
  flags: number,
  parts: readonly Part[],
  spill: (message: Spill) => void,
): void {
  const start = shared.dataAt(slot);
  const end = start + SLOT_DATA_BYTES;
  let at = start + LENGTH_BYTES;
  for (const part of parts) {
    const room = LENGTH_BYTES + part.length * (typeof part === 'string' ? UTF8_BYTES : 1);
    if (at + room > end) {
      shared.set(slot, SLOT.flags, flags | FLAG.spilled);
      spill({ type: 'spill', slot, parts: parts.map(copied) });
      return;
    }
    at = typeof part === 'string' ? writeText(shared, at, part) : writeBytes(shared, at, part);
  }
  writeLength(shared, start, parts.length);
  shared.set(slot, SLOT.flags, flags);
}

/** How the memory of a part is made. */
export type MakeBytes = (length: number) => Uint8Array;

/** Each part in memory of its own, for whoever keeps it. */
export const OWN_BYTES: MakeBytes = (length) => new Uint8Array(length);

/** Parts next to others in larger blocks, for whoever lets go of them soon: memory of its own takes V8 a microsecond. */
export const SHARED_BYTES: MakeBytes = (length) => Buffer.allocUnsafe(length);

/** Copies of the parts in a slot, which hold no more than the slot. */
export function readParcel(shared: SharedLayout, slot: number, make: MakeBytes): Uint8Array[] {
  const { bytes } = shared;
  const parts: Uint8Array[] = [];
  let at = shared.dataAt(slot);
  const count = readLength(bytes, at);
  at += LENGTH_BYTES;
  for (let index = 0; index < count; index++) {
    const length = readLength(bytes, at);
    at += LENGTH_BYTES;
    parts.push(copyInto(make(length), bytes, at));
    at += length;
  }
  return parts;
}

function writeBytes(shared: SharedLayout, at: number, part: Uint8Array): number {
  const { bytes } = shared;
  const { length } = part;
  writeLength(shared, at, length);
  const start = at + LENGTH_BYTES;
  if (length > SHORT_BYTES) bytes.set(part, start);
  else for (let index = 0; index < length; index++) bytes[start + index] = part[index] as number;
  return start + length;
}

function writeText(shared: SharedLayout, at: number, text: string): number {
  const { bytes } = shared;
  const start = at + LENGTH_BYTES;
  const { length } = text;
  let index = 0;
  if (length <= SHORT_BYTES) {
    for (; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) break;
      bytes[start + index] = code;
    }
  }
  const written =
    index === length
      ? length
      : encoder.encodeInto(text, bytes.subarray(start, start + length * UTF8_BYTES)).written;
  writeLength(shared, at, written);
  return start + written;
}

// Byte by byte, because parts are not aligned.
function writeLength({ bytes }: SharedLayout, at: number, length: number): void {
  bytes[at] = length;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length >>> 16;
  bytes[at + 3] = length >>> 24;
}

function readLength(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  return (low | ((bytes[at + 3] as number) << 24)) >>> 0;
}

function copyInto(copy: Uint8Array, bytes: Uint8Array, start: number): Uint8Array {
  const { length } = copy;
  if (length > SHORT_BYTES) copy.set(bytes.subarray(start, start + length));
  else for (let index = 0; index < length; index++) copy[index] = bytes[start + index] as number;
  return copy;
}

function copied(part: Part): Uint8Array {
  return typeof part === 'string' ? encoder.encode(part) : new Uint8Array(part);
}
