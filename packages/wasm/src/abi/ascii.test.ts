import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isShortAscii, readShortAscii, writeAscii } from './ascii.ts';

describe('short ASCII', () => {
  it('is what the codecs make of it, and nothing else is taken for it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 70 }), fc.string({ unit: 'binary', maxLength: 70 })),
        (text) => {
          const encoded = Buffer.from(text);
          const plain = encoded.length === text.length && text.length <= 64;
          expect(isShortAscii(text)).toBe(plain);
          const bytes = Buffer.concat([Buffer.from([1, 2]), encoded, Buffer.from([3])]);
          expect(readShortAscii(bytes, 2, encoded.length)).toBe(plain ? text : undefined);
          if (!plain) return;
          const written = new Uint8Array(text.length + 3);
          writeAscii(text, written, 2);
          expect(Buffer.from(written.subarray(2, -1))).toEqual(encoded);
        },
      ),
    );
  });
});
