import { describe, expect, it } from 'vitest';
import { Patience } from './patience.ts';

describe('patience', () => {
  it('is long at first, short after a long sleep, and long again when something came soon', () => {
    const patience = new Patience(2, 50);
    expect(patience.looks).toBe(50);
    patience.slept(5);
    expect(patience.looks).toBe(2);
    patience.slept(0.1);
    expect(patience.looks).toBe(50);
    patience.slept(0.5);
    expect(patience.looks).toBe(2);
    patience.found();
    expect(patience.looks).toBe(50);
  });
});
