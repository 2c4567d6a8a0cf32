import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GUEST_KEY_MAX_CHARACTERS, parseGuestKey } from './guest-key.ts';

const UNSAFE = 'has a character that a path cannot carry (one of ? # % \\)';
const INVISIBLE = 'has a control or formatting character';
const NOT_NFC = 'is not in Unicode normal form NFC, so it could look like another guest';
const SEGMENT = 'has an empty segment, "." or ".." between slashes';
const SPACE = 'starts or ends with white space';
const TOO_LONG = 'is longer than 200 characters';
const MALFORMED = 'is not well-formed Unicode';

// What an unencoded client asks for, and what the server's router makes of it.
function asServed(key: string): string {
  const { pathname, search, hash } = new URL(`/bindings/${key}`, 'http://127.0.0.1');
  expect([search, hash]).toEqual(['', '']);
  return decodeURIComponent(pathname);
}

describe('parseGuestKey', () => {
  it.each([
    ['a slug', 'acme-inc_2.0'],
    ['a UUID', '01890a5d-ac96-774b-bcce-b302099a8057'],
    ['one character', 'a'],
    ['an inner space', 'ACME Inc'],
    ['umlauts', 'Müller & Söhne'],
    ['Japanese', '株式会社アクメ'],
    ['Arabic', 'شركة أكمي'],
    ['an emoji outside the basic plane', 'acme 🦄'],
    ['slashes', 'org/team/acme'],
    ['an e-mail address', 'ops+eu@acme.example'],
    ['colons', 'tenant:acme:1'],
    ['dots that are no dot segment', '...'],
    ['a dot segment with something around it', 'a/..b/c./.d'],
    ['punctuation that URLs encode', `"<>^\`{|}'`],
    ['punctuation that URLs keep', '!$&()*+,;=@~[]-_.'],
    ['the name of a property that every object has', '__proto__'],
    ['200 characters', 'a'.repeat(GUEST_KEY_MAX_CHARACTERS)],
    ['200 characters that a path triples', 'ü'.repeat(GUEST_KEY_MAX_CHARACTERS)],
  ])('welcomes %s', (_, key) => {
    expect(parseGuestKey(key)).toBe(key);
    expect(asServed(key)).toBe(`/bindings/${key}`);
  });

  it.each([
    ['nothing', '', 'is empty'],
    ['a space', ' ', SPACE],
    ['a leading space', ' acme', SPACE],
    ['a trailing space', 'acme ', SPACE],
    ['a trailing line end', 'acme\n', SPACE],
    ['a trailing no-break space', 'acme\u00a0', SPACE],
    ['a leading byte order mark', '\ufeffacme', SPACE],
    ['a query', 'a?b', UNSAFE],
    ['a fragment', 'a#b', UNSAFE],
    ['an escape', 'a%2fb', UNSAFE],
    ['an escaped dot segment', '%2e%2e', UNSAFE],
    ['a lone percent sign', '100%', UNSAFE],
    ['a back slash', 'a\\b', UNSAFE],
    ['a dot segment behind a back slash', 'a\\..\\b', UNSAFE],
    ['an inner tab', 'a\tb', INVISIBLE],
    ['an inner line end', 'a\r\nb', INVISIBLE],
    ['a dot segment with a tab that URLs drop', '.\t.', INVISIBLE],
    ['a NUL', 'a\u0000b', INVISIBLE],
    ['a delete', 'a\u007fb', INVISIBLE],
    ['a C1 control that starts a terminal sequence', 'a\u009bb', INVISIBLE],
    ['a change of direction', 'a\u202eb', INVISIBLE],
    ['a zero-width space', 'a\u200bb', INVISIBLE],
    ['umlauts in decomposed form', 'Mu\u0308ller', NOT_NFC],
    ['a slash', '/', SEGMENT],
    ['a leading slash', '/acme', SEGMENT],
    ['a trailing slash', 'acme/', SEGMENT],
    ['two slashes', 'a//b', SEGMENT],
    ['another host', '//evil.example/x', SEGMENT],
    ['a URL', 'http://evil.example', SEGMENT],
    ['a dot', '.', SEGMENT],
    ['two dots', '..', SEGMENT],
    ['a way up', '../../apps', SEGMENT],
    ['a way up from inside', 'a/../b', SEGMENT],
    ['a way up at the end', 'a/..', SEGMENT],
    ['a high surrogate alone', 'a\ud83eb', MALFORMED],
    ['a low surrogate alone', '\udd84', MALFORMED],
    ['201 characters', 'a'.repeat(201), TOO_LONG],
    ['101 characters of two code units', '🦄'.repeat(101), TOO_LONG],
  ])('refuses %s', (_, key, reason) => {
    expect(() => parseGuestKey(key)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: `guest key ${JSON.stringify(key.slice(0, 80))} ${reason}`,
        hint: 'Use your own id of the customer, such as a UUID or a slug.',
      }),
    );
  });

  it('refuses what is not a string, as apps without types may pass it', () => {
    expect(() => parseGuestKey(7 as unknown as string)).toThrow(
      expect.objectContaining({ code: 'invalid', message: 'guest key "7" is not a string' }),
    );
  });

  it('accepts only keys that an unencoded path carries unchanged', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 6 }),
      fc.nat(0x100).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(
        '/',
        '.',
        '..',
        '%',
        '%2e',
        '%2F',
        '\\',
        '?',
        '#',
        ';',
        ':',
        '@',
        ' ',
        '\t',
        '\n',
        '//',
        'C:',
        '\u2028',
        '\u3002',
      ),
    );
    const key = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    let accepted = 0;
    fc.assert(
      fc.property(key, (candidate) => {
        try {
          parseGuestKey(candidate);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid' });
          return;
        }
        accepted++;
        expect(asServed(candidate)).toBe(`/bindings/${candidate}`);
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(250);
  });

  it('judges every single character by what an unencoded path does to it', () => {
    const inner = Array.from({ length: 0x10000 }, (_, unit) => `a${String.fromCharCode(unit)}b`);
    const welcome = (key: string): boolean => {
      try {
        return parseGuestKey(key) === key;
      } catch {
        return false;
      }
    };
    const accepted = inner.filter(welcome);
    const refused = inner.filter((key) => !welcome(key));
    expect(accepted.length).toBeGreaterThan(60_000);
    expect(
      refused.filter((key) => !/[?#%\\\p{Cc}\p{Cf}\p{Cs}]/u.test(key) && key === key.normalize('NFC')),
    ).toEqual([]);
    for (const key of accepted)
      expect(decodeURIComponent(new URL(`http://h/x/${key}`).pathname)).toBe(`/x/${key}`);
  });
});
