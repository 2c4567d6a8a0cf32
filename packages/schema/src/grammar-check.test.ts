import { describe, expect, it } from 'vitest';
import { parseSchema } from './parse-schema.ts';

const faultsOf = (source: object): string[] => {
  try {
    parseSchema(source);
    return [];
  } catch (error) {
    return (error as Error).message
      .replace(/^schema refused: /, '')
      .replace(/ \(and \d+ more\)$/m, '')
      .split('\n');
  }
};
const input = (parameter: unknown): string[] =>
  faultsOf({
    version: 'v1-draft',
    exports: { f: { input: parameter } },
    components: { schemas: { A: { enum: ['a'] } } },
  });
const type = (definition: unknown): string[] =>
  faultsOf({ version: 'v1-draft', exports: {}, components: { schemas: { T: definition } } });
const json = { contentType: 'application/json' };
const identifier = 'must be an identifier: letters, digits, _ and $, and no digit first';

describe('a document', () => {
  it.each<[string, object, string[]]>([
    ['needs exports', { version: 'v1-draft' }, ['# must have the key "exports"']],
    ['needs exports in v0 too', { version: 'v0' }, ['# must have the key "exports"']],
    [
      'has no other keys',
      { version: 'v1-draft', exports: {}, info: {} },
      ['#/info is not known here; known are: version, exports, imports, components'],
    ],
    [
      'has nothing but exports in v0',
      { version: 'v0', exports: ['a'], imports: {} },
      ['#/imports is not known here; known are: version, exports'],
    ],
    [
      'names each export of v0 once',
      { version: 'v0', exports: ['a', 'b', 'a'] },
      ['#/exports has the same entry at 0 and 2'],
    ],
    [
      'names exports of v0 with identifiers',
      { version: 'v0', exports: ['a', 'on email'] },
      [`#/exports/1 ${identifier}`],
    ],
    ['names exports of v0 with text', { version: 'v0', exports: ['a', 1] }, ['#/exports/1 must be text']],
    [
      'declares nothing about exports of v0',
      { version: 'v0', exports: { a: { input: {} } } },
      ['#/exports/a/input is not known here; known are: (none)'],
    ],
    [
      'has schemas in its components',
      { version: 'v1-draft', exports: {}, components: {} },
      ['#/components must have the key "schemas"'],
    ],
    [
      'has maps of exports',
      { version: 'v1-draft', exports: 'a' },
      ['#/exports must be a map ({} for an empty one)'],
    ],
    [
      'names everything with identifiers',
      {
        version: 'v1-draft',
        exports: { 'a-b': {} },
        imports: { '1a': {} },
        components: { schemas: { 'a/b~c': { enum: ['x'] } } },
      },
      [
        `#/exports/a-b ${identifier}`,
        `#/imports/1a ${identifier}`,
        `#/components/schemas/a~1b~0c ${identifier}`,
      ],
    ],
    [
      'has no name that JavaScript would lose',
      { version: 'v1-draft', exports: JSON.parse('{"__proto__":{}}') },
      ['#/exports/__proto__ is a name that JavaScript keeps for itself'],
    ],
    [
      'has 512 exports at most',
      {
        version: 'v1-draft',
        exports: Object.fromEntries(Array.from({ length: 513 }, (_, index) => [`f${index}`, {}])),
      },
      ['#/exports must have at most 512 entries'],
    ],
  ])('%s', (_, document, faults) => expect(faultsOf(document)).toEqual(faults));

  it('may call an export constructor', () => {
    expect(faultsOf({ version: 'v1-draft', exports: { constructor: {}, toString: {} } })).toEqual([]);
  });
});

describe('an export', () => {
  it.each<[string, unknown, string[]]>([
    ['is a map, even when it is empty', null, ['#/exports/f must be a map ({} for an empty one)']],
    ['is described in text', { description: ['a'] }, ['#/exports/f/description must be text']],
    ['has samples in a list', { codeSamples: {} }, ['#/exports/f/codeSamples must be a list']],
    [
      'has samples in a language, with a source and nothing else',
      { codeSamples: [{ lang: 'go', code: '' }] },
      [
        '#/exports/f/codeSamples/0 must have the key "source"',
        '#/exports/f/codeSamples/0/code is not known here; known are: lang, source, label',
      ],
    ],
    [
      'has no other keys',
      { inputs: {} },
      ['#/exports/f/inputs is not known here; known are: description, input, output, codeSamples'],
    ],
  ])('%s', (_, declaration, faults) => {
    expect(faultsOf({ version: 'v1-draft', exports: { f: declaration } })).toEqual(faults);
  });

  it('has samples, an import has none', () => {
    expect(faultsOf({ version: 'v1-draft', exports: {}, imports: { f: { codeSamples: [] } } })).toEqual([
      '#/imports/f/codeSamples is not known here; known are: description, input, output',
    ]);
  });
});

describe('a parameter', () => {
  it.each<[string, unknown, string[]]>([
    ['is a map', 'string', ['#/exports/f/input must be a map ({} for an empty one)']],
    [
      'needs a type and a content type',
      {},
      ['#/exports/f/input must have the key "type"', '#/exports/f/input must have the key "contentType"'],
    ],
    [
      'with a reference needs a content type',
      { $ref: '#/components/schemas/A' },
      ['#/exports/f/input must have the key "contentType"'],
    ],
    [
      'has one of three content types',
      { type: 'string', contentType: 'text/html' },
      [
        '#/exports/f/input/contentType must be one of: application/json, application/x-binary, text/plain; charset=utf-8',
      ],
    ],
    [
      'is nullable or not',
      { ...json, type: 'string', nullable: 'yes' },
      ['#/exports/f/input/nullable must be true or false'],
    ],
    [
      'has no inline properties',
      { ...json, type: 'object', properties: {} },
      [
        '#/exports/f/input/properties is not known here; known are: type, format, nullable, description, contentType',
      ],
    ],
    [
      'has no properties beside additionalProperties',
      { ...json, type: 'object', properties: {}, additionalProperties: { type: 'string' } },
      [
        '#/exports/f/input/properties is not known here; known are: type, additionalProperties, nullable, description, contentType',
      ],
    ],
  ])('%s', (_, parameter, faults) => expect(input(parameter)).toEqual(faults));
});

describe('a reference', () => {
  const options = 'must be "#/components/schemas/NAME", with NAME one of: A';
  it.each([
    '#/components/schemas/B',
    '#/schemas/A',
    'A',
    '#/components/schemas/A/properties',
    '#/components/schemas/',
    '#/components/schemas/toString',
  ])('is to a type that exists (%s)', ($ref) =>
    expect(input({ ...json, $ref })).toEqual([`#/exports/f/input/$ref ${options}`]),
  );

  it('lists the first twenty types when there are more', () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 21 }, (_, index) => [`T${index}`, { enum: ['a'] }]),
    );
    const listed = Array.from({ length: 20 }, (_, index) => `T${index}`).join(', ');
    const exports = { f: { input: { ...json, $ref: '#/components/schemas/B' } } };
    expect(faultsOf({ version: 'v1-draft', exports, components: { schemas } })).toEqual([
      `#/exports/f/input/$ref must be "#/components/schemas/NAME", with NAME one of: ${listed}, …`,
    ]);
  });

  it('has no type of its own', () => {
    expect(input({ ...json, $ref: '#/components/schemas/A', type: 'object' })).toEqual([
      '#/exports/f/input/type is not known here; known are: $ref, nullable, description, contentType',
    ]);
  });
});

describe('a shape', () => {
  it.each<[string, object, string[]]>([
    [
      'has a known type',
      { type: 'map' },
      ['/type must be one of: integer, string, number, boolean, object, array, buffer'],
    ],
    [
      'has a format of its type',
      { type: 'string', format: 'int32' },
      ['/format must be one of the formats of this type: date-time, byte'],
    ],
    [
      'has a format that exists',
      { type: 'number', format: 'half' },
      ['/format must be one of the formats of this type: float, double'],
    ],
    [
      'has a format of integers',
      { type: 'integer', format: 'float' },
      [
        '/format must be one of the formats of this type: int8, int16, int32, int64, uint8, uint16, uint32, uint64',
      ],
    ],
    [
      'has no format when its type has none',
      { type: 'buffer', format: 'byte' },
      ['/format must be one of the formats of this type: (none)'],
    ],
    ['has a format that is text', { type: 'integer', format: 32 }, ['/format must be text']],
    [
      'is an array when it has items',
      { type: 'string', items: { type: 'string' } },
      ['/type must be "array" here'],
    ],
    [
      'is an object when it has additionalProperties',
      { additionalProperties: { type: 'string' } },
      [' must have the key "type"'],
    ],
    [
      'describes the values of a map',
      { type: 'object', additionalProperties: true },
      ['/additionalProperties must be a map ({} for an empty one)'],
    ],
    [
      'is checked in items and in maps',
      { type: 'array', items: { type: 'object', additionalProperties: { $ref: '#/x' } } },
      ['/items/additionalProperties/$ref must be "#/components/schemas/NAME", with NAME one of: T'],
    ],
  ])('%s', (_, shape, faults) => {
    expect(type({ properties: { p: shape } })).toEqual(
      faults.map((fault) => `#/components/schemas/T/properties/p${fault}`),
    );
  });
});

describe('a type', () => {
  it.each<[string, unknown, string[]]>([
    ['is a map', true, [' must be a map ({} for an empty one)']],
    ['has properties', {}, [' must have the key "properties"']],
    [
      'is an object or an enum',
      { type: 'integer' },
      [' must have the key "properties"', '/type must be "object" here'],
    ],
    [
      'requires properties that it has',
      { properties: { a: { type: 'string' } }, required: ['a', 'b', 'toString'] },
      ['/required names what is no property: b, toString'],
    ],
    ['requires names', { properties: {}, required: 'a' }, ['/required must be a list']],
    [
      'has no additionalProperties',
      { properties: {}, additionalProperties: { type: 'string' } },
      ['/additionalProperties is not known here; known are: type, properties, required, description'],
    ],
    [
      'names properties with identifiers',
      { properties: { 'a b': { type: 'string' } } },
      [`/properties/a b ${identifier}`],
    ],
    ['with an enum has items', { enum: [] }, ['/enum must not be empty']],
    ['with an enum has items once', { enum: ['a', 'b', 'a'] }, ['/enum has the same entry at 0 and 2']],
    [
      'with an enum has identifiers',
      { enum: ['a', 'b c', '1', '__proto__'] },
      [
        `/enum/1 ${identifier}`,
        `/enum/2 ${identifier}`,
        '/enum/3 is a name that JavaScript keeps for itself',
      ],
    ],
    ['with an enum has text', { enum: ['a', 1, null] }, ['/enum/1 must be text', '/enum/2 must be text']],
    ['with an enum is a string', { enum: ['a'], type: 'integer' }, ['/type must be "string" here']],
    [
      'with an enum has no properties',
      { enum: ['a'], properties: {} },
      ['/properties is not known here; known are: type, enum, description'],
    ],
  ])('%s', (_, definition, faults) => {
    expect(type(definition).sort()).toEqual(faults.map((fault) => `#/components/schemas/T${fault}`).sort());
  });
});
