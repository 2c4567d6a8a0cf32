import { describe, expect, it } from 'vitest';
import { parseSchema } from './parse-schema.ts';

const warningsOf = (text: string) =>
  parseSchema(text).warnings.map(
    ({ path, line, column, message }) => `${path} (${line}:${column}) ${message}`,
  );

const input = (parameter: string) =>
  warningsOf(`version: v1-draft
exports:
  f:
    input: ${parameter}
components:
  schemas:
    Mood: { enum: [good] }
    Cart: { properties: {} }
`);

const property = (shape: string) =>
  warningsOf(`version: v1-draft
exports: {}
components:
  schemas:
    T:
      properties:
        p: ${shape}
`);

describe('a content type', () => {
  it.each(['text/plain; charset=UTF-8', 'text/plain;charset=utf-8', 'TEXT/PLAIN;   charset=utf-8'])(
    'in another spelling is warned of (%s)',
    (contentType) => {
      expect(input(`{ type: string, contentType: ${contentType} }`)).toEqual([
        '#/exports/f/input/contentType (4:28) is read as "text/plain; charset=utf-8", the only spelling in XTP\'s JSON Schema',
      ]);
    },
  );

  it.each([
    '{ type: string, contentType: text/plain; charset=utf-8 }',
    '{ type: string, format: date-time, contentType: text/plain; charset=utf-8 }',
    '{ $ref: "#/components/schemas/Mood", contentType: text/plain; charset=utf-8 }',
    '{ type: buffer, contentType: application/x-binary }',
    '{ type: buffer, nullable: true, contentType: application/json }',
  ])('that can carry its type is not (%s)', (parameter) => expect(input(parameter)).toEqual([]));

  it.each([
    ['{ type: integer, contentType: text/plain; charset=utf-8 }', 'text'],
    ['{ $ref: "#/components/schemas/Cart", contentType: text/plain; charset=utf-8 }', 'text'],
    ['{ type: string, contentType: application/x-binary }', 'bytes'],
    ['{ $ref: "#/components/schemas/Mood", contentType: application/x-binary }', 'bytes'],
  ])('that cannot carry its type is warned of (%s)', (parameter, carried) => {
    expect(input(parameter)).toEqual([
      `#/exports/f/input (4:5) travels as ${carried}, so its type has no effect`,
    ]);
  });

  it('that cannot carry null is warned of', () => {
    expect(input('{ type: string, nullable: true, contentType: text/plain; charset=utf-8 }')).toEqual([
      '#/exports/f/input/nullable (4:28) has no effect: text cannot be null',
    ]);
  });
});

describe('a shape that only some of the tools of XTP read is warned of:', () => {
  it.each(['int8', 'int16', 'uint8', 'uint16', 'uint32', 'uint64'])('format %s', (format) => {
    expect(property(`{ type: integer, format: ${format} }`)).toEqual([
      "#/components/schemas/T/properties/p/format (7:29) is not in XTP's JSON Schema; its code generators know it",
    ]);
  });

  it('a map of maps', () => {
    expect(
      property(
        '{ type: object, additionalProperties: { type: object, additionalProperties: { type: string } } }',
      ),
    ).toEqual(["#/components/schemas/T/properties/p (7:9) is a map of maps: XTP's JSON Schema refuses that"]);
  });

  it('a list of lists', () => {
    expect(property('{ type: array, items: { type: array, items: { type: string } } }')).toEqual([
      "#/components/schemas/T/properties/p (7:9) is a list of lists: XTP's JSON Schema refuses that",
    ]);
  });

  it('what is within another shape', () => {
    expect(
      property(
        '{ type: array, items: { type: object, additionalProperties: { type: integer, format: uint8 } } }',
      ),
    ).toEqual([
      "#/components/schemas/T/properties/p/items/additionalProperties/format (7:89) is not in XTP's JSON Schema; its code generators know it",
    ]);
  });
});

describe('a type', () => {
  it('that says that it is an object is warned of', () => {
    expect(
      warningsOf(
        'version: v1-draft\nexports: {}\ncomponents:\n  schemas:\n    T: { type: object, properties: {} }',
      ),
    ).toEqual(["#/components/schemas/T/type (5:10) is not needed, and XTP's JSON Schema refuses it"]);
  });

  it('that says that it is a string is not, when it is an enum', () => {
    expect(
      warningsOf(
        'version: v1-draft\nexports: {}\ncomponents:\n  schemas:\n    T: { type: string, enum: [a] }',
      ),
    ).toEqual([]);
  });
});

describe('a type that refers to itself', () => {
  const types = (...names: [name: string, ...references: string[]][]) =>
    warningsOf(
      [
        'version: v1-draft\nexports: {}\ncomponents:\n  schemas:',
        ...names.map(([name, ...references]) => {
          const properties = references.map(
            (reference, index) => `p${index}: { $ref: "#/components/schemas/${reference}" }`,
          );
          return `    ${name}: { properties: { ${properties.join(', ')} } }`;
        }),
      ].join('\n'),
    );

  it('is warned of, because a tree is a fine value', () => {
    expect(types(['Tree', 'Tree'])).toEqual([
      "#/components/schemas/Tree (5:5) refers to itself (Tree -> Tree): XTP's code generators refuse that",
    ]);
  });

  it('by way of others is warned of once', () => {
    expect(types(['A', 'B', 'B'], ['B', 'C', 'D'], ['C', 'A', 'D'], ['D'])).toEqual([
      "#/components/schemas/A (5:5) refers to itself (A -> B -> C -> A): XTP's code generators refuse that",
    ]);
  });

  it('by way of many others is told in short', () => {
    const names = [...'ABCDEFGH'];
    const ring = names.map((name, index): [string, string] => [name, names[(index + 1) % 8] ?? '']);
    expect(types(...ring)).toEqual([
      "#/components/schemas/A (5:5) refers to itself (A -> B -> C -> D -> … -> A): XTP's code generators refuse that",
    ]);
  });

  it('is not one that two others share', () => {
    expect(types(['A', 'B', 'C'], ['B', 'D'], ['C', 'D'], ['D'])).toEqual([]);
  });
});
