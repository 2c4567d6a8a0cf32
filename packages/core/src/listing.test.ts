import { describe, expect, it } from 'vitest';
import { listing } from './listing.ts';

describe('listing', () => {
  it.each([
    [0, 'nothing'],
    [1, 'n0'],
    [10, 'n0, n1, n2, n3, n4, n5, n6, n7, n8, n9'],
    [11, 'n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, …'],
  ])('of %i names', (count, text) => {
    expect(listing(Array.from({ length: count }, (_, index) => `n${index}`))).toBe(text);
  });
});
