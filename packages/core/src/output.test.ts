import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJson, decodeText, pluginOutput } from './output.ts';

const utf8 = new TextEncoder();

describe('decodeText', () => {
  it('gives back every well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeText(utf8.encode(text))).toBe(text);
      }),
    );
  });

  it('keeps a byte order mark, because it is part of the text', () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  });

  it('reads a view with its own offset and length', () => {
    expect(decodeText(utf8.encode('xxabcxx').subarray(2, 5))).toBe('abc');
  });

  it.each([
    ['a byte that never occurs', [0xff]],
    ['a cut sequence', [0x61, 0xe2, 0x82]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point beyond the last', [0xf4, 0x90, 0x80, 0x80]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeText(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'invalid', message: `${bytes.length} bytes are not UTF-8 text` }),
    );
  });

  it('either gives a text that encodes to the same bytes or refuses', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        let text: string;
        try {
          text = decodeText(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid' });
          return;
        }
        expect(utf8.encode(text)).toEqual(bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is not confused by what it refused before', () => {
    expect(() => decodeText(Uint8Array.of(0xe2, 0x82))).toThrow();
    expect(decodeText(utf8.encode('€'))).toBe('€');
  });
});

describe('decodeJson', () => {
  it('gives back every JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(decodeJson(utf8.encode(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each(['', '{', 'undefined', "{'a':1}", '\ufeff{}', 'NaN', '1 2'])('refuses %j', (text) => {
    const bytes = utf8.encode(text);

    expect(() => decodeJson(bytes)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: `${bytes.length} bytes are not JSON`,
        cause: expect.any(SyntaxError),
      }),
    );
  });

  it('says that bytes are not even text', () => {
    expect(() => decodeJson(Uint8Array.of(0xff))).toThrow('1 bytes are not UTF-8 text');
  });
});

describe('pluginOutput', () => {
  it('reads the bytes as text and as JSON, and gives the very bytes', () => {
    const bytes = utf8.encode('{"discount":10}');
    const output = pluginOutput(bytes);

    expect(output.bytes).toBe(bytes);
    expect(output.text()).toBe('{"discount":10}');
    expect(output.json()).toEqual({ discount: 10 });
  });

  it('says whether state was lost, and no when nobody said so', () => {
    expect(pluginOutput(new Uint8Array()).stateLost).toBe(false);
    expect(pluginOutput(new Uint8Array(), true).stateLost).toBe(true);
  });
});
