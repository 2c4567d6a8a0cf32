import { describe, expect, it } from 'vitest';
import { grantsFor, isGranted } from './grant.ts';

describe('a grant', () => {
  it('covers every operation of its capability when it names none', () => {
    expect(isGranted([{ capability: 'kv' }], 'kv', 'get')).toBe(true);
    expect(isGranted([{ capability: 'kv' }], 'sql', 'query')).toBe(false);
  });

  it('covers exactly the operations it names', () => {
    const grants = [{ capability: 'kv', operations: ['get'] }];
    expect(isGranted(grants, 'kv', 'get')).toBe(true);
    expect(isGranted(grants, 'kv', 'set')).toBe(false);
  });

  it('of nothing covers nothing', () => {
    expect(isGranted([], 'kv', 'get')).toBe(false);
    expect(isGranted([{ capability: 'kv', operations: [] }], 'kv', 'get')).toBe(false);
  });

  it('for functions names exactly those', () => {
    expect(grantsFor({ 'extism:host/user': { tier: () => 0n, rate: () => 0n } })).toEqual([
      { capability: 'extism:host/user', operations: ['tier', 'rate'] },
    ]);
  });
});
