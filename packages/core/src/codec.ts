// Codecs: between an app's values and the UTF-8 text or bytes that plugins see. Used at the edges only.
import { messageOf, PlugbayError } from './error.ts';
import type { PluginOutput } from './plugin.ts';

/** Turns a value into a plugin's input, and a plugin's output into a value. */
export interface Codec<T> {
  /** @throws PlugbayError `invalid` when the value is not of the codec's type. */
  encode(value: T): Uint8Array | string;
  /** @throws PlugbayError `invalid` when the bytes are not of the codec's format. */
  decode(output: PluginOutput): T;
}

/** Values as UTF-8 JSON; what has no JSON is refused: `undefined`, functions, symbols, bigints, cycles. */
export const jsonCodec: Codec<unknown> = {
  encode(value) {
    const text = stringify(value);
    if (text === undefined) throw new PlugbayError('invalid', `a value of type ${typeof value} has no JSON`);
    return text;
  },
  decode: (output) => output.json(),
};

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new PlugbayError('invalid', `the value has no JSON: ${messageOf(cause)}`, { cause });
  }
}

/** Strings as UTF-8. */
export const textCodec: Codec<string> = {
  encode(value) {
    if (typeof value !== 'string')
      throw new PlugbayError('invalid', `text must be a string, not ${typeof value}`);
    return value;
  },
  decode: (output) => output.text(),
};

/** Bytes as they are; any view of a buffer is taken with its own offset and length. */
export const binaryCodec: Codec<ArrayBufferView | ArrayBuffer> = {
  encode(value) {
    const bytes = bytesOf(value);
    if (bytes === undefined) throw new PlugbayError('invalid', `bytes must be a buffer, not ${typeof value}`);
    return bytes;
  },
  decode: (output) => output.bytes,
};

/** The bytes behind a buffer or a view of one, exactly those; undefined for anything else. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return undefined;
}
