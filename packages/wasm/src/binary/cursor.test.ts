import { isPlugbayError } from '@plugbay/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cursor } from './cursor.ts';

const over = (...bytes: number[]): Cursor => new Cursor(Uint8Array.from(bytes));

describe('a cursor', () => {
  it('reads the numbers of the LEB128 examples', () => {
    expect(over(0xe5, 0x8e, 0x26).u32()).toBe(624_485);
    expect(over(0xff, 0xff, 0xff, 0xff, 0x0f).u32()).toBe(0xffff_ffff);
    expect(over(0x7f).s33()).toBe(-1);
    expect(over(0x3f).s33()).toBe(63);
    expect(over(0x80, 0x80, 0x80, 0x80, 0x70).s33()).toBe(-(2 ** 32));
    expect(over(0xff, 0xff, 0xff, 0xff, 0x0f).s33()).toBe(2 ** 32 - 1);
    expect(over(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01).u64()).toBe(2 ** 64);
  });

  it('takes a number that is written longer than it has to be, as the format does', () => {
    expect(over(0x83, 0x80, 0x00).u32()).toBe(3);
  });

  it.each([
    ['u32', [0xff, 0xff, 0xff, 0xff, 0x1f], 'the module has an overlong number at byte 4'],
    ['u32', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'the module has an overlong number at byte 4'],
    [
      'u64',
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
      'the module has an overlong number at byte 9',
    ],
    ['s33', [0xff, 0xff, 0xff, 0xff, 0x1f], 'the module has an overlong number at byte 4'],
    ['s33', [0x80, 0x80, 0x80, 0x80, 0x80], 'the module has an overlong number at byte 4'],
    ['u32', [0x80], 'the module ends early at byte 1'],
    ['byte', [], 'the module ends early at byte 0'],
    ['name', [0x02, 0x61], 'the module ends early at byte 2'],
    ['name', [0x01, 0xff], 'the module has a name that is not UTF-8 at byte 1'],
  ] as const)('refuses a %s of %j', (method, bytes, message) => {
    expect(() => over(...bytes)[method]()).toThrow(expect.objectContaining({ code: 'invalid', message }));
  });

  it('passes over a number without caring for its value', () => {
    const cursor = over(0xff, 0xff, 0x7f, 0x2a);
    cursor.skipNumber(5);
    expect(cursor.byte()).toBe(0x2a);
    expect(() => over(0x80, 0x80, 0x80).skipNumber(2)).toThrow('the module has an overlong number at byte 1');
  });

  it('stays within the part it was given', () => {
    const cursor = over(1, 2, 3, 4);
    const part = cursor.part(2);
    expect([part.byte(), part.byte(), part.done, cursor.byte()]).toEqual([1, 2, true, 3]);
    expect(() => part.byte()).toThrow('the module ends early at byte 2');
    expect(() => cursor.part(2)).toThrow('the module ends early at byte 4');
    expect(() => cursor.expectEnd('thing')).toThrow('the module has 1 bytes too many in its thing at byte 3');
  });

  it('reads back every 32-bit number in its shortest form', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
        const cursor = over(...shortest(value));
        expect(cursor.u32()).toBe(value);
        expect(cursor.done).toBe(true);
      }),
    );
  });

  it('ends every read of arbitrary bytes in a value or a PlugbayError', () => {
    const methods = fc.constantFrom('byte', 'u32', 'u64', 's33', 'name');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.array(methods), (bytes, calls) => {
        const cursor = new Cursor(bytes);
        for (const method of calls) {
          try {
            cursor[method as 'u32']();
          } catch (error) {
            if (!isPlugbayError(error) || error.code !== 'invalid') throw error;
          }
          expect(cursor.offset).toBeLessThanOrEqual(bytes.length);
        }
      }),
    );
  });
});

function shortest(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...shortest(Math.floor(value / 0x80))];
}
