import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Names } from './names.ts';

describe('names', () => {
  it('are decoded once when they are ASCII, and each time when they are not', () => {
    const bytes = Buffer.from('totalgrüße');
    let decoded = 0;
    const names = new Names((start, length) => {
      decoded += 1;
      return bytes.toString('utf8', start, start + length);
    });
    expect([names.text(bytes, 0, 5), names.text(bytes, 0, 5), names.text(bytes, 0, 5)]).toEqual([
      'total',
      'total',
      'total',
    ]);
    expect(decoded).toBe(1);
    expect([names.text(bytes, 5, 7), names.text(bytes, 5, 7)]).toEqual(['grüße', 'grüße']);
    expect(decoded).toBe(3);
  });

  it('are always those of the bytes, however many share a slot', () => {
    const texts = fc.array(
      fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: 'binary', maxLength: 80 })),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(texts, (sequence) => {
        let bytes = Buffer.alloc(0);
        const names = new Names((start, length) => bytes.toString('utf8', start, start + length));
        for (const text of [...sequence, ...sequence]) {
          const encoded = Buffer.from(text);
          bytes = Buffer.concat([Buffer.from('..'), encoded]);
          expect(names.text(bytes, 2, encoded.length)).toBe(encoded.toString());
        }
      }),
    );
  });
});
