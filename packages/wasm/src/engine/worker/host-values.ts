// What host functions are called with and answer with, as bytes: numbers and bigints, and the kind of anything else.

const ENTRY_BYTES = 9;
const HEAD_BYTES = 4;
const NUMBER = 0;
const BIGINT = 1;

// What is none of ours, itself or by what `typeof` says of it: the other side only has to say what was wrong with it, unless
// WebAssembly makes a number of it.
const OTHERS: readonly unknown[] = [undefined, '', {}, true, Symbol('value'), () => undefined, false, null];

/** A host function's number and its arguments. */
export function encodeArguments(index: number, values: readonly (number | bigint)[]): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + ENTRY_BYTES * values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, index);
  for (const [place, value] of values.entries()) encode(view, HEAD_BYTES + ENTRY_BYTES * place, value);
  return bytes;
}

/** What {@link encodeArguments} wrote. */
export function decodeArguments(bytes: Uint8Array): { index: number; values: (number | bigint)[] } {
  const view = viewOf(bytes);
  const values: (number | bigint)[] = [];
  for (let at = HEAD_BYTES; at < bytes.length; at += ENTRY_BYTES)
    values.push(decode(view, at) as number | bigint);
  return { index: view.getUint32(0), values };
}

/** What a host function returned. */
export function encodeResult(value: unknown): Uint8Array {
  const bytes = new Uint8Array(ENTRY_BYTES);
  encode(new DataView(bytes.buffer), 0, value);
  return bytes;
}

/** What {@link encodeResult} wrote; of a value that is no number, only its kind is kept. */
export function decodeResult(bytes: Uint8Array): unknown {
  return decode(viewOf(bytes), 0);
}

function encode(view: DataView, at: number, value: unknown): void {
  if (typeof value === 'number') view.setFloat64(at + 1, value);
  else if (typeof value === 'bigint') {
    view.setUint8(at, BIGINT);
    view.setBigInt64(at + 1, value);
  } else {
    const same = OTHERS.indexOf(value);
    const kind = same >= 0 ? same : OTHERS.findIndex((other) => typeof other === typeof value);
    view.setUint8(at, BIGINT + 1 + kind);
  }
}

function decode(view: DataView, at: number): unknown {
  const kind = view.getUint8(at);
  if (kind === NUMBER) return view.getFloat64(at + 1);
  return kind === BIGINT ? view.getBigInt64(at + 1) : OTHERS[kind - BIGINT - 1];
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
