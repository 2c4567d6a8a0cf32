import { PlugbayError } from '@plugbay/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePluginEvent } from './event.ts';
import { decodeHttpRequest, encodeHttpResponse } from './http.ts';
import { decodePluginSchema } from './plugin.ts';
import { decodeFieldErrors, decodeTestOutput, encodeConfig, encodeTestInput } from './test-io.ts';

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const request = (bytes: Uint8Array): unknown => decodeHttpRequest(bytes, 1_000);
const DECODERS = [decodePluginSchema, decodePluginEvent, decodeTestOutput, decodeFieldErrors, request];

/** The error with which it fails. */
function failureOf(run: () => unknown): PlugbayError {
  try {
    run();
  } catch (error) {
    if (error instanceof PlugbayError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** The same letters, some of them in the other case. */
const spelled = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => [...name].map((letter, at) => (upper[at] ? letter.toUpperCase() : letter)).join(''));

const values = fc.jsonValue({ maxDepth: 2 });
const texts = fc.dictionary(fc.string(), fc.string());
const events = fc.record({
  plugin: fc.string(),
  kind: fc.string(),
  data: fc.dictionary(fc.string(), values, { minKeys: 1 }),
});
const specs = fc.record({ type: fc.string(), required: fc.boolean(), description: fc.string() });
const schemas = fc.record({
  name: fc.string(),
  version: fc.string(),
  description: fc.string(),
  protocols: fc.array(fc.string()),
  capabilities: fc.array(fc.string()),
  fields: fc.dictionary(fc.string(), specs),
  events: fc.dictionary(
    fc.string(),
    fc.record({ description: fc.string(), fields: fc.dictionary(fc.string(), specs) }),
  ),
});

/** What JSON makes of a value: -0 is 0, and dictionaries of fast-check have no prototype. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('what a plugin writes', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        expect(decodePluginSchema(bytesOf(schema))).toEqual(json(schema));
      }),
    );
    fc.assert(
      fc.property(events, (event) => {
        expect(decodePluginEvent(bytesOf(event))).toEqual(json(event));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ field: fc.string(), message: fc.string() })), (errors) => {
        expect(decodeFieldErrors(bytesOf(errors))).toEqual(json(errors));
      }),
    );
    fc.assert(
      fc.property(
        values,
        texts,
        fc.maxSafeInteger(),
        fc.array(events),
        (status, headers, duration_ms, all) => {
          const output = decodeTestOutput(
            bytesOf({ status, headers, body: status, duration_ms, events: all }),
          );
          expect(output).toEqual(
            json({
              status,
              duration_ms,
              ...(Object.keys(headers).length > 0 && { headers }),
              ...(status !== null && { body: status }),
              ...(all.length > 0 && { events: all }),
            }),
          );
        },
      ),
    );
    fc.assert(
      fc.property(fc.string(), texts, fc.uint8Array(), fc.boolean(), (url, headers, body, follows) => {
        const encoded = Buffer.from(body).toString('base64');
        const written = { url, headers, body: encoded, timeout_ms: 5, follow_redirects: follows };
        const { body: read, ...rest } = decodeHttpRequest(bytesOf(written), 1_000);
        expect(Buffer.from(read).equals(body)).toBe(true);
        expect(rest).toEqual(
          json({ method: '', url, headers, timeout_ms: 5, follow_redirects: follows, max_redirects: 0 }),
        );
      }),
    );
  });

  it('is found in any letter case, beside names that nobody knows', () => {
    fc.assert(
      fc.property(
        spelled('plugin'),
        spelled('kind'),
        spelled('data'),
        values,
        (plugin, kind, data, other) => {
          const event = { other, [plugin]: 'p', 'kind ': other, [kind]: 'k', [data]: { a: 1 } };
          expect(decodePluginEvent(bytesOf(event))).toEqual({ plugin: 'p', kind: 'k', data: { a: 1 } });
        },
      ),
    );
  });

  it('is found under the letters that Go folds: the long s and the Kelvin sign', () => {
    expect(decodePluginEvent(Buffer.from('{"\u212Aind": "k", "plugin": "p"}')).kind).toBe('k');
    expect(decodeFieldErrors(Buffer.from('[{"me\u017F\u017Fage": "m"}]'))).toEqual([
      { field: '', message: 'm' },
    ]);
  });

  it('is empty where it is missing or null', () => {
    const empty = {
      name: '',
      version: '',
      description: '',
      protocols: [],
      capabilities: [],
      fields: {},
      events: {},
    };
    const nulls = Object.fromEntries(Object.keys(empty).map((name) => [name, null]));
    for (const document of [{}, null, nulls]) expect(decodePluginSchema(bytesOf(document))).toEqual(empty);
    expect(
      decodePluginSchema(bytesOf({ fields: { url: { type: 'string' } }, events: { Sent: null } })),
    ).toEqual({
      ...empty,
      fields: { url: { type: 'string', required: false, description: '' } },
      events: { Sent: { description: '', fields: {} } },
    });
    expect(decodeTestOutput(bytesOf({ error: '', headers: {}, metadata: null, body: null }))).toStrictEqual({
      status: null,
      duration_ms: 0,
    });
    expect(decodeHttpRequest(bytesOf(null), 0)).toEqual({
      method: '',
      url: '',
      headers: {},
      body: Buffer.alloc(0),
      timeout_ms: 0,
      follow_redirects: true,
      max_redirects: 0,
    });
  });

  it('counts in its last spelling that is not null', () => {
    expect(decodePluginEvent(Buffer.from('{"kind":"a","KIND":"b","Kind":null}')).kind).toBe('b');
  });

  it('is wholly refused for one value of the wrong type', () => {
    const cases: readonly [unknown, (bytes: Uint8Array) => unknown, string][] = [
      [{ headers: { a: 1 } }, decodeTestOutput, 'headers.a must be a string, not the number 1'],
      [{ duration_ms: 1.5 }, decodeTestOutput, 'duration_ms must be a whole number, not the number 1.5'],
      [{ duration_ms: '1' }, decodeTestOutput, 'duration_ms must be a whole number, not a string'],
      [{ events: [{ kind: [] }] }, decodeTestOutput, 'events[0].kind must be a string, not a list'],
      [{ Error: 1, error: 'late' }, decodeTestOutput, 'error must be a string, not the number 1'],
      [{ protocols: 'http' }, decodePluginSchema, 'protocols must be a list, not a string'],
      [
        { fields: { a: { required: 'yes' } } },
        decodePluginSchema,
        'fields.a.required must be true or false, not a string',
      ],
      [[], decodePluginSchema, 'the document must be an object, not a list'],
      [{ plugin: 'p', data: [] }, decodePluginEvent, 'data must be an object, not a list'],
      [{}, decodeFieldErrors, 'the document must be a list, not an object'],
      [{ body: '*' }, request, 'body must be base64'],
      [{ body: 'YQ' }, request, 'body must be base64'],
      [{ headers: { 'a\nb': 1 } }, request, 'headers."a\\nb" must be a string, not the number 1'],
    ];
    for (const [document, decode, message] of cases) {
      expect(failureOf(() => decode(bytesOf(document)))).toMatchObject({ code: 'invalid', message });
    }
  });

  it('never fails with anything but an error of ours, whatever the bytes are', () => {
    const isRead = (decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean => {
      try {
        decode(bytes);
        return true;
      } catch (error) {
        return error instanceof PlugbayError && error.code === 'invalid';
      }
    };
    for (const decode of DECODERS) {
      fc.assert(fc.property(fc.uint8Array(), (bytes) => isRead(decode, bytes)));
      fc.assert(fc.property(fc.json(), (text) => isRead(decode, Buffer.from(text))));
    }
  });

  it('keeps names that mean something to JavaScript', () => {
    const event = decodePluginEvent(Buffer.from('{"data":{"__proto__":{"a":1},"constructor":2}}'));
    expect(Object.entries(event.data ?? {})).toEqual([
      ['__proto__', { a: 1 }],
      ['constructor', 2],
    ]);
    const { fields } = decodePluginSchema(Buffer.from('{"fields":{"__proto__":{"type":"any"}}}'));
    expect(Object.keys(fields)).toEqual(['__proto__']);
  });

  it('is read as U+FFFD where it is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"kind":"'), Uint8Array.of(0xff), Buffer.from('"}')]);
    expect(decodePluginEvent(bytes).kind).toBe('\ufffd');
  });

  it('is refused when it is not JSON, or begins with a byte order mark', () => {
    expect(failureOf(() => decodePluginEvent(Buffer.from('{"kind":')))).toMatchObject({
      code: 'invalid',
      message: '"{\\"kind\\":" is not JSON',
    });
    expect(failureOf(() => decodePluginEvent(Buffer.from('\ufeff{}'))).code).toBe('invalid');
  });

  it('is refused when it is too large', () => {
    const mib = 1024 * 1024;
    const cases: readonly [(bytes: Uint8Array) => unknown, number][] = [
      [decodePluginSchema, mib],
      [decodePluginEvent, mib],
      [decodeFieldErrors, mib],
      [decodeTestOutput, 64 * mib],
      [request, 256 * 1024 + 1_336],
    ];
    for (const [decode, most] of cases) {
      const bytes = Buffer.alloc(most + 1, ' ');
      bytes.write('null');
      expect(failureOf(() => decode(bytes))).toMatchObject({
        code: 'limit',
        message: `its JSON has ${most + 1} bytes, more than ${most}`,
      });
      expect(decode(bytes.subarray(0, most))).toBeDefined();
    }
    const body = Buffer.alloc(1_001).toString('base64');
    expect(failureOf(() => request(bytesOf({ body })))).toMatchObject({
      code: 'limit',
      message: 'its body has 1001 bytes, more than 1000',
    });
  });

  it('is refused when it is nested deeper than 10,000, brackets in strings aside', () => {
    const nested = (depth: number): Uint8Array =>
      Buffer.from(`{"body":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`);
    expect(failureOf(() => decodeTestOutput(nested(10_001)))).toMatchObject({
      code: 'invalid',
      message: 'the JSON is nested deeper than 10000',
    });
    expect(decodeTestOutput(nested(10_000)).body).toBeInstanceOf(Array);
    const quoted = { error: `\\"${'[{'.repeat(10_001)}` };
    expect(decodeTestOutput(bytesOf(quoted)).error).toBe(quoted.error);
  });
});

describe('what a plugin is given', () => {
  it('is a test without what it does not say', () => {
    expect(encodeTestInput({ target: '', method: '', headers: undefined })).toBe('{"target":""}');
    expect(
      encodeTestInput({
        method: 'POST',
        resource: '/users',
        target: 'http://a.test',
        headers: { 'X-Trace': '1' },
        timeout: '1s',
        fields: { query: null },
      }),
    ).toBe(
      '{"method":"POST","resource":"/users","target":"http://a.test","headers":{"X-Trace":"1"},"timeout":"1s","fields":{"query":null}}',
    );
  });

  it('is null for no configuration', () => {
    expect([encodeConfig(undefined), encodeConfig({}), encodeConfig({ a: [1] })]).toEqual([
      'null',
      '{}',
      '{"a":[1]}',
    ]);
  });

  it('must have JSON', () => {
    expect(failureOf(() => encodeConfig({ big: 1n }))).toMatchObject({ code: 'invalid' });
  });

  it('is an answer to its request, with its body in base64', () => {
    const written = (response: Parameters<typeof encodeHttpResponse>[0]): string =>
      Buffer.from(encodeHttpResponse(response)).toString();
    expect(
      written({ status: 200, headers: { 'X-A': 'b' }, body: Buffer.from('grüße'), duration_ms: 3 }),
    ).toBe('{"status":200,"headers":{"X-A":"b"},"body":"Z3LDvMOfZQ==","duration_ms":3}');
    expect(written({ status: 204, body: new Uint8Array(0), duration_ms: 0 })).toBe(
      '{"status":204,"duration_ms":0}',
    );
    expect(written({ status: 0, duration_ms: 1, error: 'no' })).toBe(
      '{"status":0,"duration_ms":1,"error":"no"}',
    );
  });
});
