import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeArguments, decodeResult, encodeArguments, encodeResult } from './host-values.ts';

const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const VALUE = fc.oneof(fc.double(), INT64);

describe('what host functions are called with', () => {
  it('arrives as it was: every number and every i64, in its order', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.array(VALUE, { maxLength: 8 }), (index, values) => {
        expect(decodeArguments(encodeArguments(index, values))).toEqual({ index, values });
      }),
    );
  });
});

describe('what host functions return', () => {
  it('arrives as it was when it is a number', () => {
    fc.assert(
      fc.property(VALUE, (value) => {
        expect(decodeResult(encodeResult(value))).toBe(value);
      }),
    );
  });

  it.each([undefined, 'text', {}, true, false, null, Symbol('x'), () => 1])(
    'is of the same kind when it is %s',
    (value) => {
      expect(typeof decodeResult(encodeResult(value))).toBe(typeof value);
    },
  );
});
