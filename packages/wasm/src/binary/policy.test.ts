import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { INLINE_POLICY } from './policy.ts';

describe('the policy of the inline engine', () => {
  it('is the one that the README shows', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const table = readme.split("## The guard's policy")[1]!.split('\n## ')[0]!;
    const rows = [...table.matchAll(/^\| (\w+) +\| (\w+) +\| (.+?) +\|$/gm)];
    const shown = rows.map(([, name, value]) => [name, value === 'no' ? false : Number(value)]);
    expect(shown).toEqual(Object.entries(INLINE_POLICY));
    for (const [, , , reason] of rows) expect(reason).not.toBe('');
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(INLINE_POLICY)).toBe(true);
  });
});
