import { isPlugbayError } from '@plugbay/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSource } from './document.ts';

const KIB = 1024;

const refusal = (source: string | object): string => {
  try {
    readSource(source);
  } catch (error) {
    if (isPlugbayError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
};

describe('a text', () => {
  it('that is JSON says what JSON says', () => {
    const json = fc.jsonValue({ noUnicodeString: false, depthSize: 'small' });
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(readSource(text).root).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps names as they are written', () => {
    const { root } = readSource('{True: 1, 007: 2, null: 3, ~: 4, "": 5, 1e3: 6, <<: 7, y: 8}');
    expect(root).toEqual({ True: 1, '007': 2, null: 3, '~': 4, '': 5, '1e3': 6, '<<': 7, y: 8 });
  });

  it('has __proto__ as a name like others', () => {
    const { root } = readSource('__proto__: { a: 1 }');
    expect(Object.keys(root as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(root)).toBe(Object.prototype);
  });

  it.each([
    ['%YAML 1.1\n---\na: yes\nb: 2001-12-14', { a: 'yes', b: '2001-12-14' }],
    ['a: !!binary aGk=\nb: !!set {x}\nc: !custom 1', { a: 'aGk=', b: { x: null }, c: '1' }],
    ['\ufeffa: 1', { a: 1 }],
    ['a: &x [1]\nb: { c: *x, d: *x }', { a: [1], b: { c: [1], d: [1] } }],
    ['', null],
  ])('is YAML 1.2 with the core schema (%j)', (text, root) => {
    expect(readSource(text).root).toEqual(root);
  });

  it.each([
    [
      'a: [b',
      'invalid: schema refused: # (1:6) is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'a: 1\n b: 2',
      'invalid: schema refused: # (1:4) is not YAML: Nested mappings are not allowed in compact mappings',
    ],
    [
      'a: 1\n---\nb: 2',
      'invalid: schema refused: # (2:1) is not YAML: Source contains multiple documents; please use YAML.parseAllDocuments()',
    ],
  ])('that is not YAML is refused where it stops being so (%j)', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it.each([
    ['a: 1\nb: 2\na: 3', [{ path: '#/a', message: 'is there already', line: 3, column: 1 }]],
    ['a: *x', [{ path: '#/a', message: 'is an alias of no anchor above it', line: 1, column: 1 }]],
    ['a:\n  ? [1]\n  : 2', [{ path: '#/a', message: 'has a key that is not a name', line: 1, column: 1 }]],
  ])('may say what JSON cannot (%j)', (text, faults) => {
    expect(readSource(text).faults).toEqual(faults);
  });

  it('has a place for each of its parts', () => {
    const { locate } = readSource('a:\n  b: [x,\n    {c/d: 1}]\n');
    const lineOf = (path: string) => locate({ path, message: '' });
    expect(lineOf('#')).toEqual({ path: '#', message: '', line: 1, column: 1 });
    expect(lineOf('#/a/b')).toEqual({ path: '#/a/b', message: '', line: 2, column: 3 });
    expect(lineOf('#/a/b/0')).toEqual({ path: '#/a/b/0', message: '', line: 2, column: 7 });
    expect(lineOf('#/a/b/1/c~1d')).toEqual({ path: '#/a/b/1/c~1d', message: '', line: 3, column: 6 });
  });
});

describe('an object', () => {
  it('says what its JSON says', () => {
    expect(readSource({ a: undefined, b: new Date(0), c: [undefined] }).root).toEqual({
      b: '1970-01-01T00:00:00.000Z',
      c: [null],
    });
  });

  it('within itself is refused', () => {
    const cycle: { self?: object } = {};
    cycle.self = cycle;
    expect(refusal(cycle)).toMatch(
      /^invalid: the schema cannot be read: Converting circular structure to JSON/,
    );
  });
});

describe('a hostile text', () => {
  it('of one byte too many is not parsed', () => {
    expect(refusal('#'.repeat(256 * KIB))).toBe('none');
    expect(refusal('#'.repeat(256 * KIB + 1))).toBe(
      'limit: the schema has 262145 bytes; at most 262144 are read',
    );
    expect(refusal('é'.repeat(128 * KIB + 1))).toBe(
      'limit: the schema has 262146 bytes; at most 262144 are read',
    );
  });

  it.each(['}', '[', '- ', '? ', 'a,', '! ', '*a '])('of %j over and over is not parsed', (token) => {
    expect(refusal(`[${token.repeat(60_000)}`)).toBe('limit: the schema has more than 60000 tokens');
  });

  it.each(['[', '{a: ', '- ', '? '])('of %j as deep as tokens go is refused', (token) => {
    expect(refusal(token.repeat(14_000))).toMatch(/^(invalid|limit): /);
    expect(refusal(`${token.repeat(14_000)}\n- x`)).toMatch(/^(invalid|limit): /);
  });

  it('is read 32 levels deep', () => {
    expect(refusal(`${'['.repeat(32)}${']'.repeat(32)}`)).toBe('none');
    expect(refusal(`${'['.repeat(33)}${']'.repeat(33)}`)).toBe(
      'limit: the schema is nested more than 32 levels deep',
    );
    expect(refusal('- '.repeat(33))).toBe('limit: the schema is nested more than 32 levels deep');
  });

  it('with an alias within its own anchor is refused', () => {
    expect(refusal('a: &a [*a]')).toBe('limit: the schema is nested more than 32 levels deep');
  });

  it('with aliases that multiply is refused', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++)
      lines.push(
        `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    expect(refusal(lines.join('\n'))).toBe('limit: the schema has more than 100 aliases');
  });

  it('with aliases that repeat a large part is refused', () => {
    const large = `a: &a [${Array(1000).fill('x').join(',')}]`;
    expect(refusal(`${large}\nb: [${Array(18).fill('*a').join(',')}]`)).toBe('none');
    expect(refusal(`${large}\nb: [${Array(19).fill('*a').join(',')}]`)).toBe(
      'limit: the schema has more than 20000 values',
    );
  });

  it('with a long name is refused', () => {
    expect(refusal(`${'n'.repeat(100)}: 1`)).toBe('none');
    expect(refusal(`${'n'.repeat(101)}: 1`)).toBe('limit: the schema has a name of 101 characters');
  });
});
