import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from './host-glob.ts';

function matches(pattern: string, text: string): boolean | undefined {
  return compileGlob(pattern)?.(text);
}

describe('compileGlob', () => {
  it.each([
    ['*', ''],
    ['*', 'a.b.c'],
    ['**', 'a.b.c'],
    ['*.example.com', 'a.example.com'],
    ['*.example.com', 'a.b.example.com'],
    ['*.example.com', '.example.com'],
    ['api.*.com', 'api.a.b.com'],
    ['api-?.com', 'api-1.com'],
    ['?', '.'],
    ['*a*b*c', 'xaxbxbxc'],
    ['a*a', 'aa'],
    ['[abc].com', 'b.com'],
    ['[a-c].com', 'b.com'],
    ['[a-c0-2].com', '2.com'],
    ['[-a].com', '-.com'],
    ['[a-].com', '-.com'],
    ['[]].com', '].com'],
    ['[!]].com', 'a.com'],
    ['[!a-c].com', 'd.com'],
    ['[[].com', '[.com'],
    ['a!b', 'a!b'],
    ['!a', '!a'],
    ['#a', '#a'],
    ['{a,b}', '{a,b}'],
    ['a]', 'a]'],
  ])('%j matches %j', (pattern, text) => {
    expect(matches(pattern, text)).toBe(true);
  });

  it.each([
    ['*.example.com', 'example.com'],
    ['*.example.com', 'a.example.com.evil.org'],
    ['*.example.com', 'aXexample.com'],
    ['example.*', 'example'],
    ['?', ''],
    ['?', 'ab'],
    ['a*a', 'a'],
    ['[a-c].com', 'd.com'],
    ['[c-a].com', 'b.com'],
    ['[!a-c].com', 'b.com'],
    ['[!a].com', '.com'],
    ['[!]].com', '].com'],
    ['{a,b}', 'a'],
    ['!a', 'b'],
    ['', 'a'],
  ])('%j does not match %j', (pattern, text) => {
    expect(matches(pattern, text)).toBe(false);
  });

  it.each(['[', '[a', '[]', '[!]', 'a[!', '***', 'a**', '**.example.com', '*/a', '**/a'])(
    '%j is no pattern',
    (pattern) => {
      expect(compileGlob(pattern)).toBeUndefined();
    },
  );

  it('agrees with a regular expression', () => {
    const piece = fc.constantFrom('*', '?', 'a', 'b', '.', '[ab]', '[!ab]', '[a-c]', '[!.]');
    const expressions: Record<string, string> = {
      '*': '.*',
      '?': '.',
      '.': '\\.',
      '[!ab]': '[^ab]',
      '[!.]': '[^.]',
    };
    const pieces = fc.array(piece, { maxLength: 12 }).filter((list) => !list.join('').includes('**'));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '-'), maxLength: 14 });
    fc.assert(
      fc.property(pieces, text, (list, host) => {
        const expected = new RegExp(`^${list.map((one) => expressions[one] ?? one).join('')}$`, 's').test(
          host,
        );
        expect(matches(list.join(''), host)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws, whatever it is given', () => {
    const unit = fc.constantFrom(...'*?[]!-a.');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), fc.string({ unit, maxLength: 12 }), (pattern, text) => {
        expect([true, false, undefined]).toContain(matches(pattern, text));
      }),
      { numRuns: 2_000 },
    );
  });

  // A matcher that goes back to every `*` takes longer than the universe has had for this.
  it('is quick with many stars', () => {
    expect(matches(`${'*a'.repeat(60)}b`, 'a'.repeat(5_000))).toBe(false);
  });
});
