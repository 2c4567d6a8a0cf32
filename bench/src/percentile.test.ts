import { describe, expect, it } from 'vitest';
import { percentile } from './percentile.ts';

describe('a percentile', () => {
  it('is the least value that so many are not above, whatever the order', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(hundred, 99), percentile(hundred, 50), percentile(hundred, 100)]).toEqual([
      99, 50, 100,
    ]);
    expect([percentile([7], 99), percentile([2, 1], 0), percentile([2, 1], 51)]).toEqual([7, 1, 2]);
  });

  it('of nothing is no number', () => {
    expect(percentile([], 99)).toBe(Number.NaN);
  });
});
