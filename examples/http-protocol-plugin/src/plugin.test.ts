import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type HttpRequest, type HttpResponse, runPlugin } from './run-plugin.ts';

const TARGET = 'http://shop.test';

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
const textOf = (encoded: string | undefined): string => Buffer.from(encoded ?? '', 'base64').toString();

/** The request that a test makes. */
async function requestFor(input: object): Promise<HttpRequest> {
  const { call, requests } = await runPlugin();
  const output = await call('execute', { target: TARGET, ...input });
  expect(output).toEqual({ status: 200, duration_ms: 1 });
  return requests[0] as HttpRequest;
}

/** What a test sees of a response. */
async function outputFor(response: Partial<HttpResponse>): Promise<unknown> {
  const { call } = await runPlugin(() => ({ status: 200, duration_ms: 7, ...response }));
  return call('execute', { target: TARGET });
}

describe('the plugin’s functions', () => {
  it('plugin_info says what it is', async () => {
    const { call, plugin } = await runPlugin();
    expect(plugin.info.exports).toEqual([
      'plugin_info',
      'plugin_init',
      'plugin_destroy',
      'validate',
      'execute',
    ]);
    const info = (await call('plugin_info')) as { fields: object; events: object };
    expect(info).toMatchObject({
      name: 'http',
      version: '0.1.0',
      protocols: ['http', 'https'],
      capabilities: ['http'],
    });
    expect(Object.keys(info.fields)).toEqual(['url', 'query', 'body', 'followRedirects', 'maxRedirects']);
    expect(Object.keys(info.events)).toEqual(['Sent', 'Received']);
  });

  it('plugin_init and plugin_destroy answer nothing', async () => {
    const { call } = await runPlugin();
    for (const config of [{}, null, undefined]) expect(await call('plugin_init', config)).toBe(undefined);
    expect(await call('plugin_destroy')).toBe(undefined);
    expect(await call('execute', { target: TARGET })).toMatchObject({ status: 200 });
  });

  it.each([
    [{ target: TARGET }],
    [{ fields: { url: TARGET } }],
    [{ target: TARGET, headers: { a: 'b' }, fields: { query: {}, followRedirects: true, maxRedirects: 2 } }],
    [{ target: TARGET, headers: null, fields: null, unknown: 1 }],
  ])('validate passes %j', async (input) => {
    const { call } = await runPlugin();
    expect(await call('validate', input)).toBe(undefined);
  });

  const NO_TARGET = { field: 'target', message: 'is required where fields.url is not given' };

  it.each<[unknown, object[]]>([
    [undefined, [NO_TARGET]],
    [{}, [NO_TARGET]],
    [{ target: '', fields: { url: '' } }, [NO_TARGET]],
    [[], [{ field: '', message: 'the input must be an object' }]],
    [{ target: TARGET, headers: { a: 1 } }, [{ field: 'headers', message: 'must hold strings' }]],
    [
      { target: TARGET, fields: { url: 1, query: [], followRedirects: 'no', maxRedirects: '3' } },
      [
        { field: 'fields.url', message: 'must be a string' },
        { field: 'fields.query', message: 'must be an object' },
        { field: 'fields.followRedirects', message: 'must be true or false' },
        { field: 'fields.maxRedirects', message: 'must be a number' },
      ],
    ],
  ])('validate says what is wrong with %j, and execute the first of it', async (input, problems) => {
    const { call, requests, events } = await runPlugin();
    expect(await call('validate', input)).toEqual(problems);
    const [{ field, message }] = problems as [{ field: string; message: string }];
    expect(await call('execute', input)).toEqual({
      status: 0,
      duration_ms: 0,
      error: field === '' ? message : `${field} ${message}`,
    });
    expect([requests, events]).toEqual([[], []]);
  });

  it.each([
    '{',
    '{"target":}',
    '{"target":"x"',
    '{"target":"x"} x',
    '{"target":"x",}',
    '["a" "b"]',
    '{target:1}',
    '"\\x"',
    '"\\u12g4"',
    '"\n"',
    '01',
    '1.',
    '-',
    '1e',
    'nul',
    ' ',
    '['.repeat(1_000),
  ])('what is no JSON is said to be none: %j', async (input) => {
    const { call } = await runPlugin();
    expect(await call('validate', input)).toEqual([{ field: '', message: 'invalid input JSON' }]);
    expect(await call('execute', input)).toEqual({ status: 0, duration_ms: 0, error: 'invalid input JSON' });
  });

  it('keeps no more memory than a call needs', async () => {
    const { call, plugin } = await runPlugin();
    const input = { target: TARGET, fields: { body: 'x'.repeat(50_000) } };
    for (let round = 0; round < 500; round++) await call('execute', input);
    expect(plugin.stats().discarded).toBe(0);
  });
});

describe('a request', () => {
  it.each([
    ['http://a.test', '', 'http://a.test'],
    ['http://a.test', 'users', 'http://a.test/users'],
    ['http://a.test/', 'users', 'http://a.test/users'],
    ['http://a.test', '/users', 'http://a.test/users'],
    ['http://a.test/', '/users', 'http://a.test/users'],
  ])('joins %s and %j to %s', async (target, resource, url) => {
    expect((await requestFor({ target, resource })).url).toBe(url);
  });

  it('goes to fields.url instead, where that is given', async () => {
    const { url } = await requestFor({ resource: '/users', fields: { url: 'https://b.test/x' } });
    expect(url).toBe('https://b.test/x');
  });

  it.each<[object, string]>([
    [{ b: 2, a: 'x', 'c d': true }, '?a=x&b=2&c%20d=true'],
    [{ q: 'a&b=c/d?e#f+g~h-i_j.k' }, '?q=a%26b%3Dc%2Fd%3Fe%23f%2Bg~h-i_j.k'],
    [{ ü: 'grüße 😀' }, '?%C3%BC=gr%C3%BC%C3%9Fe%20%F0%9F%98%80'],
    [{ a: null, b: '' }, '?b='],
    [{ big: [1, { x: 'y' }] }, '?big=%5B1%2C%7B%22x%22%3A%22y%22%7D%5D'],
    [{ a: null }, ''],
    [{}, ''],
  ])('with the query %j goes to …%s', async (query, written) => {
    expect((await requestFor({ fields: { query } })).url).toBe(TARGET + written);
  });

  it('adds its query to one that is there, before the fragment', async () => {
    const { url } = await requestFor({ fields: { url: 'http://a.test/?x=1#top', query: { y: 2 } } });
    expect(url).toBe('http://a.test/?x=1&y=2#top');
  });

  it('keeps numbers as they are written', async () => {
    const { call, requests } = await runPlugin();
    await call('execute', `{"target":"${TARGET}","fields":{"query":{"n":12345678901234567890,"m":1.50e+3}}}`);
    expect(requests[0]?.url).toBe(`${TARGET}?m=1.50e%2B3&n=12345678901234567890`);
  });

  it.each([
    [undefined, 'GET'],
    ['', 'GET'],
    ['post', 'POST'],
    ['Delete', 'DELETE'],
  ])('with the method %j is a %s', async (method, sent) => {
    expect((await requestFor({ method })).method).toBe(sent);
  });

  it.each<[string, unknown, string, string]>([
    ['an object', { a: 'ü', b: [1, null] }, 'application/json', '{"a":"ü","b":[1,null]}'],
    ['a number', 5, 'application/json', '5'],
    ['an escape', { '"\\\n': '\u0001\ud800' }, 'application/json', '{"\\"\\\\\\u000a":"\\u0001\\ud800"}'],
    ['a string', 'grüße 😀', 'text/plain; charset=utf-8', 'grüße 😀'],
    ['an empty string', '', 'text/plain; charset=utf-8', ''],
  ])('sends %s', async (_, body, type, text) => {
    const request = await requestFor({ fields: { body } });
    expect([request.headers, textOf(request.body)]).toEqual([{ 'Content-Type': type }, text]);
  });

  it.each(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'])('sends %j in base64', async (body) => {
    expect((await requestFor({ fields: { body } })).body).toBe(base64(body));
  });

  it('keeps the type that is given for its body', async () => {
    const headers = { 'content-TYPE': 'application/xml' };
    expect((await requestFor({ headers, fields: { body: '<a/>' } })).headers).toEqual(headers);
  });

  it('without a body has none, and only the headers that are given', async () => {
    expect(await requestFor({ fields: { body: null } })).toEqual({ method: 'GET', url: TARGET });
    expect((await requestFor({ headers: { 'X-Trace': '1', b: '2' } })).headers).toEqual({
      'X-Trace': '1',
      b: '2',
    });
  });

  it.each([
    ['500ms', 500],
    ['2s', 2_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['250', 250],
    [' 3s ', 3_000],
    ['1000h', 86_400_000],
    ['', undefined],
    ['soon', undefined],
    ['5 days', undefined],
    ['-5s', undefined],
    ['1.2.3s', undefined],
    ['s', undefined],
  ])('with the timeout %j takes %s ms', async (timeout, milliseconds) => {
    expect((await requestFor({ timeout })).timeout_ms).toBe(milliseconds);
  });

  it('says how redirects are followed', async () => {
    const { follow_redirects, max_redirects } = await requestFor({
      fields: { followRedirects: false, maxRedirects: 3 },
    });
    expect([follow_redirects, max_redirects]).toEqual([false, 3]);
  });
});

describe('an output', () => {
  it('has the response’s status, headers and time', async () => {
    expect(await outputFor({ status: 404, headers: { 'X-A': 'b' } })).toEqual({
      status: 404,
      headers: { 'X-A': 'b' },
      duration_ms: 7,
    });
  });

  it.each([
    ['application/json', '{"a":[1,"ü",null,true]}', { a: [1, 'ü', null, true] }],
    ['Application/Problem+JSON; charset=utf-8', '[]', []],
    ['application/json', 'oops', 'oops'],
    ['text/plain', '{"a":1}', '{"a":1}'],
  ])('has a body of type %s as it is meant: %s', async (type, text, body) => {
    for (const name of ['Content-Type', 'content-type']) {
      const output = await outputFor({ headers: { [name]: type }, body: base64(text) });
      expect(output).toMatchObject({ body });
    }
  });

  it('has text where no type is given, and no body where there is none', async () => {
    expect(await outputFor({ body: base64('plain') })).toMatchObject({ body: 'plain' });
    expect(await outputFor({ body: '' })).toEqual({ status: 200, duration_ms: 7 });
    expect(await outputFor({ body: '*' })).toEqual({ status: 200, duration_ms: 7 });
  });

  it.each([
    [[0xff, 0xfe], '\ufffd\ufffd'],
    [[0x61, 0xc3], 'a\ufffd'],
    [[0xc0, 0x80, 0x62], '\ufffd\ufffdb'],
    [[0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    [[0xe2, 0x82, 0x41], '\ufffdA'],
    [[0xf0, 0x9f, 0x98, 0x80, 0xf4, 0x90], '😀\ufffd\ufffd'],
  ])('has a body whose bytes %j are no text as %j', async (bytes, body) => {
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe(body);
    expect(await outputFor({ body: base64(Uint8Array.from(bytes)) })).toMatchObject({ body });
  });

  it('has the host’s error, and says that nothing was received', async () => {
    const { call, events } = await runPlugin(() => ({ status: 0, duration_ms: 4, error: 'refused' }));
    expect(await call('execute', { target: TARGET })).toEqual({
      status: 0,
      duration_ms: 4,
      error: 'refused',
    });
    expect(events).toMatchObject([{ kind: 'Sent' }]);
  });
});

describe('events', () => {
  it('tell of what was sent and what was received', async () => {
    const { call, events } = await runPlugin(() => ({ status: 201, duration_ms: 9 }));
    await call('execute', { target: TARGET, method: 'put', fields: { query: { a: 1 } } });
    expect(events).toEqual([
      { plugin: 'http', kind: 'Sent', data: { method: 'PUT', url: `${TARGET}?a=1` } },
      { plugin: 'http', kind: 'Received', data: { status: 201, duration_ms: 9 } },
    ]);
  });
});

describe('against a real server', () => {
  it('a request and its response make the round trip', async () => {
    const server = createServer(async (request, response) => {
      const { method, url: path } = request;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          method,
          path,
          trace: request.headers['x-trace'],
          body: String(Buffer.concat(chunks)),
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { call } = await runPlugin(withFetch);
      const { port } = server.address() as AddressInfo;
      const output = await call('execute', {
        target: `http://127.0.0.1:${port}`,
        method: 'POST',
        resource: '/users',
        headers: { 'X-Trace': 'abc' },
        fields: { body: { name: 'Jürgen' } },
      });
      expect(output).toMatchObject({
        status: 201,
        body: { method: 'POST', path: '/users', trace: 'abc', body: '{"name":"Jürgen"}' },
      });
    } finally {
      server.close();
    }
  });
});

// As much of an HTTP client as this test needs.
async function withFetch({ method, url, headers = {}, body }: HttpRequest): Promise<HttpResponse> {
  const response = await fetch(url, { method, headers, body: Buffer.from(body ?? '', 'base64') });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: base64(bytes),
    duration_ms: 1,
  };
}
