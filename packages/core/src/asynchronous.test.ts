import { describe, expect, it } from 'vitest';
import { asynchronous, isAsynchronous } from './asynchronous.ts';

describe('a host function', () => {
  it('is asynchronous when it is written so, or declared so', () => {
    expect(isAsynchronous(async () => 1n)).toBe(true);
    const declared = asynchronous(() => Promise.resolve(1n));
    expect(isAsynchronous(declared)).toBe(true);
  });

  it('is synchronous otherwise, whatever it returns', () => {
    expect(isAsynchronous(() => 1n)).toBe(false);
    expect(isAsynchronous(() => Promise.resolve(1n))).toBe(false);
  });
});
