// Writes the binary format: numbers, names, sections.

/** An unsigned number below 2^53. */
export function unsigned(value: number): number[] {
  const encoded: number[] = [];
  let left = value;
  while (left >= 0x80) {
    encoded.push((left & 0x7f) | 0x80);
    left = Math.floor(left / 0x80);
  }
  encoded.push(left);
  return encoded;
}

/** A signed number from -2^31 up to 2^32. */
export function signed(value: number): number[] {
  const encoded: number[] = [];
  let left = value;
  while (left < -0x40 || left >= 0x40) {
    encoded.push((left & 0x7f) | 0x80);
    left = Math.floor(left / 0x80);
  }
  encoded.push(left & 0x7f);
  return encoded;
}

/** A signed number of 64 bits. */
export function signed64(value: bigint): number[] {
  const encoded: number[] = [];
  let left = BigInt.asIntN(64, value);
  while (left < -0x40n || left >= 0x40n) {
    encoded.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  encoded.push(Number(left & 0x7fn));
  return encoded;
}

/** A name after its length. */
export function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...unsigned(bytes.length), ...bytes];
}

/** The parts, one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(lengthOf(parts));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Bytes of all parts together. */
export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
