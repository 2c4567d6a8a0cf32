// Changes of variables, as they travel between a thread and its host.

/** A variable's new value; undefined when it was deleted. */
export type VariableChange = readonly [name: string, value: Uint8Array | undefined];

const NOTHING = new Uint8Array(0);
const HEAD_BYTES = 8;
const DELETED = 0xffff_ffff;

const decoder = new TextDecoder();

/** Changes as bytes: for each the lengths of its name and value, little-endian u32, then both. No changes are no bytes. */
export function encodeChanges(changes: readonly VariableChange[]): Uint8Array {
  if (changes.length === 0) return NOTHING;
  const names = changes.map(([name]) => Buffer.from(name));
  const total = changes.reduce(
    (sum, [, value], index) => sum + HEAD_BYTES + (names[index]?.length ?? 0) + (value?.length ?? 0),
    0,
  );
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [index, [, value]] of changes.entries()) {
    const name = names[index] ?? NOTHING;
    view.setUint32(at, name.length, true);
    view.setUint32(at + 4, value === undefined ? DELETED : value.length, true);
    bytes.set(name, at + HEAD_BYTES);
    if (value !== undefined) bytes.set(value, at + HEAD_BYTES + name.length);
    at += HEAD_BYTES + name.length + (value?.length ?? 0);
  }
  return bytes;
}

// A large value keeps what it came in instead of being copied once more: little of that is anything else.
function own(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const value = bytes.subarray(start, start + length);
  // Not by slice, which of a Buffer makes a view.
  return 2 * length > bytes.buffer.byteLength ? value : new Uint8Array(value);
}

/** What {@link encodeChanges} wrote. The bytes must not be changed afterwards. */
export function decodeChanges(bytes: Uint8Array): VariableChange[] {
  const changes: VariableChange[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + HEAD_BYTES + view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    const name = decoder.decode(bytes.subarray(at + HEAD_BYTES, nameEnd));
    const value = length === DELETED ? undefined : own(bytes, nameEnd, length);
    changes.push([name, value]);
    at = nameEnd + (value?.length ?? 0);
  }
  return changes;
}
