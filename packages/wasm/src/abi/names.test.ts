import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Names } from './names.ts';

describe('names', () => {
  it('are the same string each time when they are ASCII', () => {
    const names = new Names();
    const bytes = Buffer.from('totalgrüße');
    expect([names.text(bytes, 0, 5), names.text(bytes, 0, 5)]).toEqual(['total', 'total']);
    expect([names.text(bytes, 5, 7), names.text(bytes, 5, 7)]).toEqual(['grüße', 'grüße']);
  });

  it('are UTF-8', () => {
    expect(() => new Names().text(Buffer.from([0xff]), 0, 1)).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
  });

  it('are always those of the bytes, however many share a slot', () => {
    const texts = fc.array(
      fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: 'binary', maxLength: 80 })),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(texts, (sequence) => {
        const names = new Names();
        for (const text of [...sequence, ...sequence]) {
          const encoded = Buffer.from(text);
          const bytes = Buffer.concat([Buffer.from('..'), encoded]);
          expect(names.text(bytes, 2, encoded.length)).toBe(encoded.toString());
        }
      }),
    );
  });
});
