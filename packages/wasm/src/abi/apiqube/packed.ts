// Packed values: where bytes are in a guest's memory and how many they are, in one i64.

/** Where a guest's bytes are. Both are unsigned 32-bit numbers. */
export interface Span {
  readonly at: number;
  readonly length: number;
}

const WORD_BITS = 32n;
const WORD_MASK = 0xffff_ffffn;

/** What an i64 that came out of WebAssembly says: it comes signed, whatever the guest meant. */
export function unpack(value: bigint): Span {
  // Shifting a negative bigint keeps its sign; of the low half the sign is masked away already.
  return { at: Number((value >> WORD_BITS) & WORD_MASK), length: Number(value & WORD_MASK) };
}

/** The i64 for bytes at `at`. */
export function pack(at: number, length: number): bigint {
  return (BigInt(at) << WORD_BITS) | BigInt(length);
}
