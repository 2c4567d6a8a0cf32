// A string of AssemblyScript in its memory: UTF-16 in little endian, its bytes counted in the word before it.

// The count is the last word of an object's header.
const COUNT_BYTES = 4;
const UNIT_BYTES = 2;

// A string that was cut within a character is a string still.
const lenient = new TextDecoder('utf-16le', { ignoreBOM: true });

/**
 * The string at a pointer, cut to what `cut` makes of its number of bytes; undefined for null, and where no string can be.
 * https://www.assemblyscript.org/runtime.html#memory-layout
 */
export function assemblyScriptText(
  bytes: Uint8Array,
  pointer: number,
  cut: (length: number) => number,
): string | undefined {
  const start = pointer >>> 0;
  if (start < COUNT_BYTES || start > bytes.length) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start - COUNT_BYTES, true);
  if (length % UNIT_BYTES !== 0 || start + length > bytes.length) return undefined;
  const units = Math.floor(cut(length) / UNIT_BYTES);
  return lenient.decode(bytes.subarray(start, start + units * UNIT_BYTES));
}
