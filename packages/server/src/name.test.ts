import { describe, expect, it } from 'vitest';
import { parseName, parseSegmentName } from './name.ts';

describe('a name', () => {
  it.each(['a', 'on email', '__proto__', '注文', '👩‍👩‍👧', 'a/b', '..', 'x'.repeat(100)])(
    '%j is good',
    (name) => {
      expect(parseName('app', name)).toBe(name);
    },
  );

  it.each([
    ['', 'is empty'],
    ['  ', 'is empty'],
    ['x'.repeat(101), 'is longer than 100 characters'],
    ['\ud800', 'is not well-formed Unicode'],
    ['a\tb', 'has a control character'],
    ['a\u0085b', 'has a control character'],
    ['a\u2028b', 'has a control character'],
  ])('%j %s', (name, reason) => {
    expect(() => parseName('app', name)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: `app name ${JSON.stringify(name.slice(0, 80))} ${reason}`,
        hint: 'A name has 1 to 100 characters and no control characters.',
      }),
    );
  });

  it.each(['a/b', '/', '.', '..'])('%j is no part of a path', (name) => {
    expect(() => parseSegmentName('artifact', name)).toThrow(
      `artifact name "${name}" cannot be a part of a path`,
    );
  });
});
