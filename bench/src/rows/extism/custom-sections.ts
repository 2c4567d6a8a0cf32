// Custom sections of a module: nobody who runs it needs them, and debug builds have more bytes in them than in their code.
import { randomFillSync } from 'node:crypto';

const HEADER_BYTES = 8;
const CUSTOM = 0;
const SECTION_NAME = '.debug_info';

/** The module without its custom sections. `bytes` must be a valid module. */
export function withoutCustomSections(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const kept = [bytes.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const size = readLeb(bytes, at + 1);
    const end = size.next + size.value;
    if (bytes[at] !== CUSTOM) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return new Uint8Array(Buffer.concat(kept));
}

/** The module with one more custom section, of `size` random bytes. */
export function withDebugSection(module: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const name = Buffer.from(SECTION_NAME);
  const content = randomFillSync(new Uint8Array(size));
  const head = [CUSTOM, ...leb(1 + name.length + size), name.length];
  return new Uint8Array(Buffer.concat([module, Uint8Array.from(head), name, content]));
}

function readLeb(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  let next = at;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[next++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next };
  }
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
