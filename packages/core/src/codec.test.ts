import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryCodec, bytesOf, type Codec, jsonCodec, textCodec } from './codec.ts';
import { pluginOutput } from './output.ts';

const utf8 = new TextEncoder();

/** What comes back from a plugin that answers with its input. */
function echoed<T>(codec: Codec<T>, value: T): T {
  const encoded = codec.encode(value);
  return codec.decode(pluginOutput(typeof encoded === 'string' ? utf8.encode(encoded) : encoded));
}

describe('jsonCodec', () => {
  it('carries every JSON value through a plugin', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        // -0 has no JSON of its own.
        expect(echoed(jsonCodec, value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    [undefined, 'a value of type undefined has no JSON'],
    [() => 0, 'a value of type function has no JSON'],
    [Symbol('s'), 'a value of type symbol has no JSON'],
    [{ toJSON: () => undefined }, 'a value of type object has no JSON'],
    [1n, 'the value has no JSON: Do not know how to serialize a BigInt'],
    [{ total: 1n }, 'the value has no JSON: Do not know how to serialize a BigInt'],
  ])('refuses %s', (value, message) => {
    expect(() => jsonCodec.encode(value)).toThrow(expect.objectContaining({ code: 'invalid', message }));
  });

  it('refuses a cycle', () => {
    const cart: { self?: unknown } = {};
    cart.self = cart;

    expect(() => jsonCodec.encode(cart)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: expect.stringMatching(/^the value has no JSON: Converting circular structure to JSON/),
      }),
    );
  });

  it('refuses an answer that is not JSON', () => {
    expect(() => jsonCodec.decode(pluginOutput(utf8.encode('nope')))).toThrow(
      expect.objectContaining({ code: 'invalid', message: '4 bytes are not JSON' }),
    );
  });
});

describe('textCodec', () => {
  it('carries every well-formed text through a plugin', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(echoed(textCodec, text)).toBe(text);
      }),
    );
  });

  it.each([
    [42, 'number'],
    [undefined, 'undefined'],
    [Buffer.from('text'), 'object'],
  ])('refuses %s', (value, type) => {
    expect(() => textCodec.encode(value as unknown as string)).toThrow(
      expect.objectContaining({ code: 'invalid', message: `text must be a string, not ${type}` }),
    );
  });

  it('refuses an answer that is not UTF-8', () => {
    expect(() => textCodec.decode(pluginOutput(Uint8Array.of(0xff)))).toThrow(
      expect.objectContaining({ code: 'invalid', message: '1 bytes are not UTF-8 text' }),
    );
  });
});

describe('binaryCodec', () => {
  it('carries every bytes through a plugin', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(echoed(binaryCodec, bytes)).toEqual(bytes);
      }),
    );
  });

  it('takes any view with its own offset and length', () => {
    const { buffer } = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);

    expect(binaryCodec.encode(buffer)).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7));
    expect(binaryCodec.encode(new Uint8Array(buffer, 2, 3))).toEqual(Uint8Array.of(2, 3, 4));
    expect(binaryCodec.encode(new DataView(buffer, 1, 2))).toEqual(Uint8Array.of(1, 2));
    expect(binaryCodec.encode(new Uint16Array(buffer, 4, 2))).toEqual(Uint8Array.of(4, 5, 6, 7));
    expect(binaryCodec.encode(new Float64Array(buffer, 0, 1))).toHaveLength(8);
    expect(binaryCodec.encode(new Uint8Array(buffer, 8))).toEqual(new Uint8Array());
  });

  it.each([
    ['text', 'string'],
    [[1, 2], 'object'],
    [null, 'object'],
    [undefined, 'undefined'],
  ])('refuses %j', (value, type) => {
    expect(() => binaryCodec.encode(value as unknown as ArrayBuffer)).toThrow(
      expect.objectContaining({ code: 'invalid', message: `bytes must be a buffer, not ${type}` }),
    );
  });
});

describe('bytesOf', () => {
  it('is the very array when it is one already', () => {
    const bytes = Uint8Array.of(1);

    expect(bytesOf(bytes)).toBe(bytes);
  });

  it('is exactly the bytes of any view of any part of a buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(64), fc.nat(64), (bytes, from, length) => {
        const offset = Math.min(from, bytes.length);
        const view = new DataView(bytes.buffer, offset, Math.min(length, bytes.length - offset));

        expect(bytesOf(view)).toEqual(bytes.slice(offset, offset + view.byteLength));
      }),
    );
  });

  it.each([undefined, null, 'text', 7, {}, [1], { byteLength: 1, buffer: new ArrayBuffer(1) }])(
    'is undefined for %j',
    (value) => {
      expect(bytesOf(value)).toBeUndefined();
    },
  );
});
