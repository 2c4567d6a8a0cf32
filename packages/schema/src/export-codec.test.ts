import { isPlugbayError, pluginOutput } from '@plugbay/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExport, type ExportCodec } from './export-codec.ts';
import type { ValueShape } from './extension-schema.ts';
import { parseSchema } from './parse-schema.ts';

const SHOP = `version: v1-draft
exports:
  discount:
    input: { $ref: "#/components/schemas/Cart", contentType: application/json }
    output: { $ref: "#/components/schemas/Cart", contentType: application/json, nullable: true }
  shout:
    input: { type: string, contentType: text/plain; charset=utf-8 }
    output: { type: string, contentType: text/plain; charset=utf-8 }
  mood:
    input: { $ref: "#/components/schemas/Mood", contentType: text/plain; charset=utf-8 }
    output: { type: string, format: date-time, contentType: text/plain; charset=utf-8 }
  loose:
    input: { type: integer, contentType: text/plain; charset=utf-8 }
    output: { type: string, contentType: application/x-binary }
  thumbnail:
    input: { type: buffer, contentType: application/x-binary }
    output: { type: buffer, contentType: application/x-binary }
  tick: {}
components:
  schemas:
    Cart:
      required: [items]
      properties:
        items: { type: array, items: { $ref: "#/components/schemas/Item" } }
        mood: { $ref: "#/components/schemas/Mood" }
        maybe: { $ref: "#/components/schemas/Mood", nullable: true }
        constructor: { type: string }
        cart: { $ref: "#/components/schemas/Cart" }
    Item:
      required: [quantity]
      properties:
        quantity: { type: integer }
        small: { type: integer, format: uint8 }
        price: { type: number, format: float }
        made: { type: string, format: date-time, nullable: true }
        photo: { type: buffer }
        prices: { type: object, additionalProperties: { type: number } }
        extra: { type: object }
        list: { type: array }
        gift: { type: boolean, nullable: true }
    Mood: { enum: [good, bad] }
`;

const codecOf = (text: string, name: string): ExportCodec => {
  const codec = compileExport(parseSchema(text).schema, name);
  if (codec === undefined) throw new Error('no codec');
  return codec;
};
const refusal = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (isPlugbayError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('accepted');
};
const output = (text: string | Uint8Array) => pluginOutput(Buffer.from(text));

describe('an export', () => {
  it('that is unknown is not found', () => {
    const { schema } = parseSchema(SHOP);
    expect(() => compileExport(schema, 'toString')).toThrow(
      expect.objectContaining({
        code: 'not_found',
        message: 'the schema has no export "toString"',
        hint: 'Use one of: discount, shout, mood, loose, thumbnail, tick.',
      }),
    );
  });

  it('of v0 has no codec, because it declares nothing', () => {
    expect(compileExport(parseSchema('version: v0\nexports: [a]').schema, 'a')).toBeUndefined();
  });

  it.each([
    ['discount', { input: true, output: true }],
    ['tick', { input: false, output: false }],
  ])('says what it declares (%s)', (name, declared) =>
    expect(codecOf(SHOP, name).declared).toEqual(declared),
  );
});

describe('an export without input and output', () => {
  const tick = codecOf(SHOP, 'tick');

  it('takes nothing', () => {
    expect(tick.encodeInput(undefined)).toBe('');
    expect(refusal(() => tick.encodeInput(null))).toBe(
      'invalid: input of tick: must be undefined, because none is declared',
    );
  });

  it('answers nothing, whatever the plugin says', () => {
    expect(tick.decodeOutput(output('{"a":1}'))).toBeUndefined();
  });
});

describe('JSON input', () => {
  const discount = codecOf(SHOP, 'discount');
  const item = (properties: object) => ({ items: [{ quantity: 1, ...properties }] });

  it('is the JSON of the value', () => {
    expect(discount.encodeInput({ items: [{ quantity: 2 }], mood: 'good' })).toBe(
      '{"items":[{"quantity":2}],"mood":"good"}',
    );
  });

  it.each<[string, object]>([
    ['properties that are not declared', { items: [], other: { a: true } }],
    ['null where it is nullable', { ...item({ made: null, gift: null }), maybe: null }],
    ['anything in an object and a list', item({ extra: { a: [1, null, 'x'] }, list: [1, 'x', {}] })],
    ['numbers by name', item({ prices: { a: 1, b: 0.5 } })],
    ['a type within itself', { items: [], cart: { items: [], cart: { items: [] } } }],
    ['integers that are written as floats', item({ small: 2.0 })],
    ['a property of its own called constructor', { items: [], constructor: 'me' }],
    ['base64 in a buffer', item({ photo: 'aGk=' })],
  ])('may have %s', (_, value) => expect(discount.encodeInput(value)).toBe(JSON.stringify(value)));

  it.each<[unknown, string]>([
    [{ items: [{ quantity: 1.5 }] }, '/items/0/quantity must be integer'],
    [{ items: [{ quantity: '1' }] }, '/items/0/quantity must be integer'],
    [{ items: [{ quantity: 2 ** 63 }] }, '/items/0/quantity must be int64 (-2^63 to 2^63-1)'],
    [item({ small: 256 }), '/items/0/small must be uint8 (0 to 2^8-1)'],
    [item({ small: -1 }), '/items/0/small must be uint8 (0 to 2^8-1)'],
    [item({ price: 1e39 }), '/items/0/price must be float'],
    [item({ made: '2026-11-21' }), '/items/0/made must be an RFC 3339 date-time'],
    [item({ made: 1 }), '/items/0/made must be string or null'],
    [item({ photo: 'a' }), '/items/0/photo must be base64'],
    [item({ photo: Uint8Array.of(1) }), '/items/0/photo must be string'],
    [item({ prices: { a: 1, 'b/c': null } }), '/items/0/prices/b~1c must be number'],
    [item({ extra: [] }), '/items/0/extra must be object'],
    [item({ list: {} }), '/items/0/list must be array'],
    [item({ gift: 1 }), '/items/0/gift must be boolean or null'],
    [{ items: [], mood: 'ugly' }, '/mood must be one of: good, bad'],
    [{ items: [], mood: null }, '/mood must be string'],
    [{ items: [], maybe: 'ugly' }, '/maybe must be one of: good, bad'],
    [{ items: [], constructor: 1 }, '/constructor must be string'],
    [{ items: [], cart: { items: [], cart: {} } }, '/cart/cart must have the property "items"'],
    [{}, 'must have the property "items"'],
    [[], 'must be object'],
    [null, 'must be object'],
    ['x', 'must be object'],
    [undefined, 'a value of type undefined has no JSON'],
    [() => 1, 'a value of type function has no JSON'],
    [item({ extra: { a: 1n } }), 'the value has no JSON: Do not know how to serialize a BigInt'],
  ])('that is not as declared is refused (%#)', (value, message) => {
    expect(refusal(() => discount.encodeInput(value))).toBe(`invalid: input of discount: ${message}`);
  });

  it('that goes round in circles is refused', () => {
    const cart: { items: []; cart?: object } = { items: [] };
    cart.cart = cart;
    expect(refusal(() => discount.encodeInput(cart))).toMatch(
      /^invalid: input of discount: the value has no JSON: Converting circular structure/,
    );
  });

  it('is judged by its JSON form', () => {
    class Cart {
      get items() {
        return [];
      }
    }
    class Item {
      quantity = 1;
      get small() {
        return 'none of the plugin’s business';
      }
    }
    expect(discount.encodeInput(item({ made: new Date(0) }))).toBe(
      '{"items":[{"quantity":1,"made":"1970-01-01T00:00:00.000Z"}]}',
    );
    expect(discount.encodeInput({ items: [new Item()], mood: undefined })).toBe('{"items":[{"quantity":1}]}');
    expect(refusal(() => discount.encodeInput(new Cart()))).toBe(
      'invalid: input of discount: must have the property "items"',
    );
    expect(refusal(() => discount.encodeInput({ items: [], toJSON: () => 1 }))).toBe(
      'invalid: input of discount: must be object',
    );
    expect(refusal(() => discount.encodeInput({ items: [undefined] }))).toBe(
      'invalid: input of discount: /items/0 must be object',
    );
    expect(refusal(() => discount.encodeInput(item({ price: Number.NaN })))).toBe(
      'invalid: input of discount: /items/0/price must be number',
    );
  });

  it('has the error of the value’s own code when that fails', () => {
    const value = {
      toJSON() {
        throw new Error('not today');
      },
    };
    expect(refusal(() => discount.encodeInput(value))).toBe(
      'invalid: input of discount: the value has no JSON: not today',
    );
  });
});

describe('JSON output', () => {
  const discount = codecOf(SHOP, 'discount');

  it('is the value of the JSON, in which dates stay text', () => {
    const text = '{"items":[{"quantity":1,"made":"2026-11-21T07:00:00Z"}],"other":1}';
    expect(discount.decodeOutput(output(text))).toEqual(JSON.parse(text));
    expect(discount.decodeOutput(output('null'))).toBeNull();
  });

  it.each([
    ['{"items":[{"quantity":"1"}]}', '/items/0/quantity must be integer'],
    ['{}', 'must have the property "items"'],
    ['{"__proto__":{"items":[]}}', 'must have the property "items"'],
    ['', '0 bytes are not JSON'],
    ['{"items":', '9 bytes are not JSON'],
  ])('that is not as declared is the plugin’s fault (%s)', (text, message) => {
    expect(refusal(() => discount.decodeOutput(output(text)))).toBe(`plugin: output of discount: ${message}`);
  });

  it('that is not UTF-8 is the plugin’s fault', () => {
    expect(refusal(() => discount.decodeOutput(output(Uint8Array.of(0xff))))).toBe(
      'plugin: output of discount: 1 bytes are not UTF-8 text',
    );
  });

  it('that is deeper than recursion goes is the plugin’s fault', () => {
    const depth = 200_000;
    const text = `${'{"items":[],"cart":'.repeat(depth)}{"items":[]}${'}'.repeat(depth)}`;
    expect(refusal(() => discount.decodeOutput(output(text)))).toBe(
      'plugin: output of discount: is nested too deeply',
    );
  });

  it('keeps the cause of its error', () => {
    expect(() => discount.decodeOutput(output('{'))).toThrow(
      expect.objectContaining({ cause: expect.any(SyntaxError) }),
    );
  });
});

describe('text', () => {
  it('is what it is', () => {
    const shout = codecOf(SHOP, 'shout');
    expect(shout.encodeInput('"é')).toBe('"é');
    expect(shout.decodeOutput(output('"é'))).toBe('"é');
    expect(shout.decodeOutput(output(''))).toBe('');
  });

  it.each<[string, unknown, string]>([
    ['shout', 1, 'text must be a string, not number'],
    ['shout', undefined, 'text must be a string, not undefined'],
    ['shout', '\ud800', 'must be well-formed Unicode'],
    ['mood', 'ugly', 'must be one of: good, bad'],
  ])('input of %s is not %j', (name, value, message) => {
    expect(refusal(() => codecOf(SHOP, name).encodeInput(value))).toBe(
      `invalid: input of ${name}: ${message}`,
    );
  });

  it('output is checked too', () => {
    const mood = codecOf(SHOP, 'mood');
    expect(mood.decodeOutput(output('2026-11-21T07:00:00Z'))).toBe('2026-11-21T07:00:00Z');
    expect(refusal(() => mood.decodeOutput(output('soon')))).toBe(
      'plugin: output of mood: must be an RFC 3339 date-time',
    );
  });

  it('carries any text when the declared type is none of text', () => {
    expect(codecOf(SHOP, 'loose').encodeInput('twelve')).toBe('twelve');
  });
});

describe('bytes', () => {
  const thumbnail = codecOf(SHOP, 'thumbnail');

  it('are exactly those of a view', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    expect(thumbnail.encodeInput(bytes.subarray(1, 3))).toEqual(Uint8Array.of(2, 3));
    expect(thumbnail.encodeInput(new DataView(bytes.buffer, 2))).toEqual(Uint8Array.of(3, 4));
    expect(thumbnail.encodeInput(bytes.buffer)).toEqual(bytes);
    expect(thumbnail.decodeOutput(pluginOutput(bytes))).toEqual(bytes);
  });

  it('are never text', () => {
    expect(refusal(() => thumbnail.encodeInput('aGk='))).toBe(
      'invalid: input of thumbnail: bytes must be a buffer, not string',
    );
  });

  it('come as they are, whatever type is declared', () => {
    expect(codecOf(SHOP, 'loose').decodeOutput(pluginOutput(Uint8Array.of(0xff)))).toEqual(
      Uint8Array.of(0xff),
    );
  });
});

describe('names that mean something in JSON Schema', () => {
  it('are names like others', () => {
    const codec = codecOf(
      `version: v1-draft
exports:
  $id: { input: { $ref: "#/components/schemas/$ref", contentType: application/json } }
components:
  schemas:
    $ref: { required: [$id], properties: { $id: { $ref: "#/components/schemas/$id" }, $defs: { $ref: "#/components/schemas/type" } } }
    $id: { properties: { $ref: { type: integer }, $schema: { type: string }, $anchor: { type: boolean }, definitions: { type: array } } }
    type: { enum: [$ref, enum] }
`,
      '$id',
    );
    expect(codec.encodeInput({ $id: { $ref: 1, $anchor: true }, $defs: '$ref' })).toBe(
      '{"$id":{"$ref":1,"$anchor":true},"$defs":"$ref"}',
    );
    expect(refusal(() => codec.encodeInput({ $id: { $ref: '#' } }))).toBe(
      'invalid: input of $id: /$id/$ref must be integer',
    );
    expect(refusal(() => codec.encodeInput({ $id: {}, $defs: '#' }))).toBe(
      'invalid: input of $id: /$defs must be one of: $ref, enum',
    );
  });
});

describe('any value of any shape', () => {
  type Sample = { shape: ValueShape; value: fc.Arbitrary<unknown> };
  const integer = (bits: number, signed: boolean) => {
    const least = signed ? -(2n ** BigInt(bits - 1)) : 0n;
    return fc
      .bigInt(least, least + 2n ** BigInt(bits) - 1n - (bits === 64 ? 2048n : 0n))
      .map((value) => Number(value));
  };
  const sample = (shape: ValueShape, value: fc.Arbitrary<unknown>): Sample => ({ shape, value });
  const noNegativeZero = (value: number) => (Object.is(value, -0) ? 0 : value);
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(noNegativeZero);
  const date = fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((value) => value.toJSON());
  const base64 = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64'));
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  const plain: Sample[] = [
    sample({ type: 'boolean' }, fc.boolean()),
    sample({ type: 'string' }, fc.string({ unit: 'binary' })),
    sample({ type: 'string', format: 'date-time' }, date),
    sample({ type: 'string', format: 'byte' }, base64),
    sample({ type: 'buffer' }, base64),
    sample({ type: 'number' }, number),
    sample({ type: 'number', format: 'double' }, number),
    sample(
      { type: 'number', format: 'float' },
      fc.float({ noNaN: true, noDefaultInfinity: true }).map(noNegativeZero),
    ),
    sample({ type: 'integer' }, integer(64, true)),
    ...[8, 16, 32, 64].flatMap((bits) => [
      sample({ type: 'integer', format: `int${bits}` }, integer(bits, true)),
      sample({ type: 'integer', format: `uint${bits}` }, integer(bits, false)),
    ]),
    sample({ type: 'array' }, fc.array(json)),
    sample({ type: 'object' }, fc.dictionary(fc.string(), json)),
    sample({ $ref: '#/components/schemas/Mood' }, fc.constantFrom('good', 'bad')),
  ];
  const { shape: samples } = fc.letrec<{ shape: Sample }>((tie) => ({
    shape: fc
      .oneof(
        { maxDepth: 3 },
        fc.constantFrom(...plain),
        tie('shape').map(({ shape, value }) =>
          sample({ type: 'array', items: shape }, fc.array(value, { maxLength: 4 })),
        ),
        tie('shape').map(({ shape, value }) =>
          sample(
            { type: 'object', additionalProperties: shape },
            fc.dictionary(fc.string(), value, { maxKeys: 4 }),
          ),
        ),
      )
      .chain(({ shape, value }) =>
        fc.constantFrom(sample(shape, value), sample({ ...shape, nullable: true }, fc.option(value))),
      ),
  }));
  const codecFor = (shape: ValueShape): ExportCodec => {
    const parameter = { ...shape, contentType: 'application/json' };
    const components = {
      schemas: { Mood: { enum: ['good', 'bad'] }, T: { required: ['p'], properties: { p: shape } } },
    };
    const { schema } = parseSchema({
      version: 'v1-draft',
      exports: { f: { input: parameter, output: parameter } },
      components,
    });
    return compileExport(schema, 'f') as ExportCodec;
  };

  it('comes back as it went', () => {
    fc.assert(
      fc.property(
        samples.chain(({ shape, value }) => fc.tuple(fc.constant(shape), value)),
        ([shape, value]) => {
          const codec = codecFor(shape);
          expect(codec.decodeOutput(output(codec.encodeInput(value)))).toEqual(value);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is sent only when its JSON is of the shape', () => {
    const options = {
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSparseArray: true,
      withTypedArray: true,
      withNullPrototype: true,
    };
    fc.assert(
      fc.property(samples, fc.anything(options), ({ shape }, value) => {
        const codec = codecFor(shape);
        let sent: string | Uint8Array;
        try {
          sent = codec.encodeInput(value);
        } catch (error) {
          return isPlugbayError(error) && error.code === 'invalid';
        }
        codec.decodeOutput(output(sent));
        return sent === JSON.stringify(value);
      }),
      { numRuns: 300 },
    );
  });
});
