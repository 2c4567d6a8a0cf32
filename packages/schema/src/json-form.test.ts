import { deepEqual } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonForm } from './json-form.ts';

describe('a value in its JSON form', () => {
  it('is any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), isJsonForm));
  });

  it('is what JSON gives back as it was', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true });
    fc.assert(
      fc.property(anything, (value) => {
        // Loosely: of -0 JSON makes 0, and an object without a prototype gets one.
        if (isJsonForm(value)) deepEqual(JSON.parse(JSON.stringify(value)), value);
      }),
      { numRuns: 1000 },
    );
  });

  class Cart {
    get total() {
      return 1;
    }
  }

  it.each([
    ['a Date', new Date(0)],
    ['an undefined property', { a: undefined }],
    ['an undefined entry', [undefined]],
    ['a hole', Array(1)],
    ['NaN', [Number.NaN]],
    ['infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a bigint', 1n],
    ['an instance of a class', new Cart()],
    ['a boxed string', new String('a')],
    ['bytes', Buffer.from('a')],
    ['a map', new Map()],
    ['an object that says what its JSON is', { toJSON: () => 1 }],
    ['a list that does', Object.assign([], { toJSON: () => 1 })],
    ['what holds one of these', { a: [{ b: new Date(0) }] }],
  ])('is not %s', (_, value) => expect(isJsonForm(value)).toBe(false));

  it('may have no prototype', () => expect(isJsonForm({ __proto__: null, a: 1 })).toBe(true));

  it('is found only as deep as recursion goes', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 200_000; depth++) value = [value];
    expect(() => isJsonForm(value)).toThrow(RangeError);
  });
});
