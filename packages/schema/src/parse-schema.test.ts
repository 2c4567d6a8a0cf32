import { isDeepStrictEqual } from 'node:util';
import { isPlugbayError } from '@plugbay/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSchema } from './parse-schema.ts';

// Every type, every format that XTP's own JSON Schema has, references, enums, maps, lists, nullable.
const KITCHEN_SINK = `---
version: v1-draft
exports:
  discount:
    description: |
      The discount on a cart.
    codeSamples:
      - lang: typescript
        label: Nothing
        source: |
          return { cents: 0 }
    input:
      contentType: application/json
      $ref: "#/components/schemas/Cart"
      description: the cart
      nullable: true
    output:
      contentType: application/json
      type: object
      additionalProperties:
        $ref: "#/components/schemas/Item"
  shout: # text in, bytes out
    input: { type: string, contentType: text/plain; charset=utf-8 }
    output: { type: buffer, contentType: application/x-binary }
  mood:
    input:
      contentType: text/plain; charset=utf-8
      $ref: "#/components/schemas/Mood"
    output: { type: array, contentType: application/json }
  tick: {}
imports:
  rate:
    description: The rate of exchange.
    input: { type: string, contentType: text/plain; charset=utf-8 }
    output: { type: number, format: double, contentType: application/json, nullable: true }
components:
  schemas:
    Cart:
      description: What the customer buys.
      required: [id, items]
      properties:
        id: { type: string, description: "yours, not ours" }
        items:
          type: array
          items:
            $ref: "#/components/schemas/Item"
        mood:
          $ref: "#/components/schemas/Mood"
          nullable: true
        notes:
          type: array
          items:
            type: object
            additionalProperties: { type: string, nullable: true }
        headers:
          type: object
          additionalProperties: { type: array, items: { type: string } }
    Item:
      properties:
        count: { type: integer }
        small: { type: integer, format: int32 }
        large: { type: integer, format: int64 }
        any: { type: number }
        float: { type: number, format: float }
        double: { type: number, format: double }
        gift: { type: boolean }
        made: { type: string, format: date-time }
        thumb: { type: string, format: byte }
        photo: { type: buffer }
        extra: { type: object }
        type: { type: string }
        $ref: { type: string }
        constructor: { type: string }
        "null": { type: string }
    Mood:
      type: string
      description: How it went.
      enum: [good, bad, $odd_1]
`;

const KITCHEN_SINK_SCHEMA = {
  version: 'v1-draft',
  exports: {
    discount: {
      description: 'The discount on a cart.\n',
      codeSamples: [{ lang: 'typescript', label: 'Nothing', source: 'return { cents: 0 }\n' }],
      input: {
        contentType: 'application/json',
        $ref: '#/components/schemas/Cart',
        description: 'the cart',
        nullable: true,
      },
      output: {
        contentType: 'application/json',
        type: 'object',
        additionalProperties: { $ref: '#/components/schemas/Item' },
      },
    },
    shout: {
      input: { type: 'string', contentType: 'text/plain; charset=utf-8' },
      output: { type: 'buffer', contentType: 'application/x-binary' },
    },
    mood: {
      input: { contentType: 'text/plain; charset=utf-8', $ref: '#/components/schemas/Mood' },
      output: { type: 'array', contentType: 'application/json' },
    },
    tick: {},
  },
  imports: {
    rate: {
      description: 'The rate of exchange.',
      input: { type: 'string', contentType: 'text/plain; charset=utf-8' },
      output: { type: 'number', format: 'double', contentType: 'application/json', nullable: true },
    },
  },
  components: {
    schemas: {
      Cart: {
        description: 'What the customer buys.',
        required: ['id', 'items'],
        properties: {
          id: { type: 'string', description: 'yours, not ours' },
          items: { type: 'array', items: { $ref: '#/components/schemas/Item' } },
          mood: { $ref: '#/components/schemas/Mood', nullable: true },
          notes: {
            type: 'array',
            items: { type: 'object', additionalProperties: { type: 'string', nullable: true } },
          },
          headers: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
        },
      },
      Item: {
        properties: {
          count: { type: 'integer' },
          small: { type: 'integer', format: 'int32' },
          large: { type: 'integer', format: 'int64' },
          any: { type: 'number' },
          float: { type: 'number', format: 'float' },
          double: { type: 'number', format: 'double' },
          gift: { type: 'boolean' },
          made: { type: 'string', format: 'date-time' },
          thumb: { type: 'string', format: 'byte' },
          photo: { type: 'buffer' },
          extra: { type: 'object' },
          type: { type: 'string' },
          $ref: { type: 'string' },
          constructor: { type: 'string' },
          null: { type: 'string' },
        },
      },
      Mood: { type: 'string', description: 'How it went.', enum: ['good', 'bad', '$odd_1'] },
    },
  },
};

describe('a v0 schema', () => {
  it('becomes a map of exports that declare nothing', () => {
    expect(parseSchema('version: v0\nexports: [on_login, on_logout]')).toEqual({
      schema: { version: 'v0', exports: { on_login: {}, on_logout: {} } },
      warnings: [],
    });
  });

  it('keeps the order of its exports', () => {
    expect(Object.keys(parseSchema({ version: 'v0', exports: ['b', 'a'] }).schema.exports)).toEqual([
      'b',
      'a',
    ]);
  });

  it('is iterated by name, as clients of XTP do', () => {
    const names = [];
    for (const name in parseSchema('version: v0\nexports: [a, constructor, toString]').schema.exports)
      names.push(name);
    expect(names).toEqual(['a', 'constructor', 'toString']);
  });
});

describe('a v1-draft schema', () => {
  it('keeps everything that its author wrote', () => {
    expect(parseSchema(KITCHEN_SINK)).toEqual({ schema: KITCHEN_SINK_SCHEMA, warnings: [] });
  });

  it('means the same as YAML, as JSON and as an object', () => {
    const { schema } = parseSchema(KITCHEN_SINK);
    expect(parseSchema(JSON.stringify(schema))).toEqual({ schema, warnings: [] });
    expect(parseSchema(JSON.stringify(schema, null, '\t'))).toEqual({ schema, warnings: [] });
    expect(parseSchema(schema)).toEqual({ schema, warnings: [] });
  });

  it('has its content types spelled as XTP spells them', () => {
    const { schema } = parseSchema(`version: v1-draft
exports:
  a:
    input: { type: string, contentType: TEXT/plain;charset=UTF-8 }
    output: { type: string, contentType: Application/JSON }
imports:
  b:
    input: { type: buffer, contentType: application/X-Binary }
`);
    expect(schema.exports.a?.input?.contentType).toBe('text/plain; charset=utf-8');
    expect(schema.exports.a?.output?.contentType).toBe('application/json');
    expect(schema.imports?.b?.input?.contentType).toBe('application/x-binary');
  });

  it('may use YAML anchors', () => {
    const { schema } = parseSchema(`version: v1-draft
exports:
  a: &void { description: nothing }
  b: *void
`);
    expect(schema.exports).toEqual({ a: { description: 'nothing' }, b: { description: 'nothing' } });
  });

  it('may be empty but for its exports', () => {
    expect(parseSchema('version: v1-draft\nexports: {}').schema).toEqual({
      version: 'v1-draft',
      exports: {},
    });
  });
});

describe('a normalised schema', () => {
  it.each([
    ['v0', 'version: v0\nexports: [a]'],
    ['v1-draft', KITCHEN_SINK],
  ])('is its own normalised form (%s)', (_, text) => {
    const { schema } = parseSchema(text);
    expect(parseSchema(schema).schema).toEqual(schema);
  });

  it('shares nothing with the object that it was made of', () => {
    const source = { version: 'v1-draft', exports: { a: { description: 'before' } } };
    const { schema } = parseSchema(source);
    source.exports.a.description = 'after';
    expect(schema.exports.a?.description).toBe('before');
  });
});

const fault = (source: string | object) => {
  try {
    parseSchema(source);
  } catch (error) {
    if (isPlugbayError(error)) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('accepted');
};

describe('a document of another form', () => {
  it.each(['', 'null', '[]', 'v1-draft', '3', '--- ~'])('that is no map is refused (%j)', (text) => {
    expect(fault(text)).toEqual({
      code: 'invalid',
      message: expect.stringMatching(/^schema refused: # \(1:[15]\) must be a map$/),
      hint: 'Begin with "version: v1-draft" and "exports:".',
    });
  });

  it.each(['version: v2\nexports: {}', 'version: v1\nexports: {}', 'version: 0', 'exports: {}'])(
    'with an unknown version is told the one to write (%j)',
    (text) => {
      expect(fault(text)).toEqual({
        code: 'invalid',
        message: 'schema refused: #/version (1:1) must be v1-draft or v0',
        hint: 'Write "version: v1-draft".',
      });
    },
  );

  it.each([
    { version: 'v1-draft', exports: ['a', 'b'] },
    {
      version: 'v1-draft',
      exports: [{ name: 'a', input: { contentType: 'application/json', type: 'string' } }],
    },
    { version: 'v1-draft', exports: {}, imports: [{ name: 'a' }] },
    { version: 'v1-draft', exports: {}, schemas: [{ name: 'A', properties: [] }] },
  ])('with the lists of early v1-draft is told how to become a current one (%j)', (document) => {
    expect(fault(document)).toEqual({
      code: 'invalid',
      message: 'schema refused: # is in the form with lists that v1-draft had before 5 August 2024',
      hint: 'Write exports, imports and components.schemas as maps by name.',
    });
  });
});

describe('the faults of a schema', () => {
  it('are all told at once, in the order of the text', () => {
    expect(
      fault(`version: v1-draft
exports:
  discount:
    input:
      $ref: "#/components/schemas/Crt"
      contentType: application/json
    output: { type: strin, contentType: application/json }
  on email: {}
components:
  schemas:
    Cart:
      required: [items, total]
      properties:
        items: { type: array, item: { type: string } }
`),
    ).toEqual({
      code: 'invalid',
      message: `schema refused: #/exports/discount/input/$ref (5:7) must be "#/components/schemas/NAME", with NAME one of: Cart (and 4 more)
#/exports/discount/output/type (7:15) must be one of: integer, string, number, boolean, object, array, buffer
#/exports/on email (8:3) must be an identifier: letters, digits, _ and $, and no digit first
#/components/schemas/Cart/required (12:7) names what is no property: total
#/components/schemas/Cart/properties/items/item (14:31) is not known here; known are: type, format, nullable, description`,
      hint: 'Correct the places listed; the README of @plugbay/schema has the grammar.',
    });
  });

  it('have no line in an object', () => {
    expect(fault({ version: 'v1-draft', exports: { a: null } }).message).toBe(
      'schema refused: #/exports/a must be a map ({} for an empty one)',
    );
  });

  it('beyond twenty are counted', () => {
    const exports = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`f${index}`, 1]));
    const lines = fault({ version: 'v1-draft', exports }).message.split('\n');
    expect(lines).toHaveLength(20);
    expect(lines[0]).toBe('schema refused: #/exports/f0 must be a map ({} for an empty one) (and 24 more)');
    expect(lines[19]).toBe('#/exports/f19 must be a map ({} for an empty one)');
  });
});

describe('any source is accepted or refused with a PlugbayError:', () => {
  // And what is accepted is its own normalised form.
  const holds = (source: string | object): boolean => {
    try {
      const { schema } = parseSchema(source);
      return isDeepStrictEqual(parseSchema(schema).schema, schema);
    } catch (error) {
      return isPlugbayError(error) && (error.code === 'invalid' || error.code === 'limit');
    }
  };

  it('text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), holds));
  });

  it('YAML that was damaged', () => {
    const characters = fc.string({ unit: fc.constantFrom(...'&*[]{}:-?|>#!%@`"\'\n\t ,<v0'), maxLength: 6 });
    const damage = fc.tuple(fc.nat(KITCHEN_SINK.length), fc.nat(12), characters);
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        let text = KITCHEN_SINK;
        for (const [at, length, put] of damages) text = text.slice(0, at) + put + text.slice(at + length);
        return holds(text);
      }),
    );
  });

  it('objects around the grammar', () => {
    const key = fc.constantFrom(
      ...['input', 'output', 'type', 'format', 'items', 'enum', 'properties', 'required', 'nullable', 'a'],
      ...['additionalProperties', '$ref', 'contentType', '__proto__', 'description', 'schemas'],
    );
    const leaf = fc.constantFrom<unknown>(
      ...['string', 'object', 'int32', 'application/json', '#/components/schemas/a', 'a', true, null, 1],
    );
    const { node } = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 6 },
        leaf,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(key, tie('node'), { maxKeys: 5 }),
      ),
    }));
    const document = fc.record(
      { version: fc.constantFrom('v0', 'v1-draft'), exports: node, components: fc.record({ schemas: node }) },
      { requiredKeys: ['version'] },
    );
    fc.assert(fc.property(document, holds), { numRuns: 300 });
  });

  it('anything', () => {
    const options = { withBigInt: true, withDate: true, withMap: true, withTypedArray: true };
    fc.assert(fc.property(fc.object(options), holds));
  });
});
