import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinHttpCall, splitHttpCall } from './http-call-frame.ts';
import { decodeHttpReply, encodeHttpReply } from './http-call-reply.ts';
import { decodeHttpRequest, encodeHttpRequest } from './http-call-request.ts';

const EMPTY = new Uint8Array(0);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const message = (head: unknown, body: Uint8Array = EMPTY): Uint8Array =>
  joinHttpCall(utf8(typeof head === 'string' ? head : JSON.stringify(head)), body);

describe('the message of an HTTP host call', () => {
  it('is the length of the head, the head and the body', () => {
    expect(joinHttpCall(utf8('{}'), Uint8Array.of(7, 8))).toEqual(
      Uint8Array.of(2, 0, 0, 0, 0x7b, 0x7d, 7, 8),
    );
    expect(joinHttpCall(utf8('x'.repeat(258)), EMPTY).subarray(0, 5)).toEqual(
      Uint8Array.of(2, 1, 0, 0, 0x78),
    );
  });

  it('is split as it was joined, in memory of any kind', () => {
    const part = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(part, part, part, (head, body, before) => {
        const joined = Buffer.concat([before, joinHttpCall(head, body)]).subarray(before.length);
        const parts = splitHttpCall(joined);
        expect([[...parts.head], [...parts.body]]).toEqual([[...head], [...body]]);
      }),
    );
  });

  it('has a head of 64 KiB at most', () => {
    expect(splitHttpCall(joinHttpCall(new Uint8Array(65_536), EMPTY)).head).toHaveLength(65_536);
    expect(() => splitHttpCall(joinHttpCall(new Uint8Array(65_537), EMPTY))).toThrow(
      expect.objectContaining({ code: 'invalid', message: 'its head has 65537 bytes, more than 65536' }),
    );
  });
});

describe('the request of an HTTP host call', () => {
  it('is decoded as it was encoded', () => {
    const request = decodeHttpRequest(
      encodeHttpRequest({
        url: new URL('https://a.test/b?c=d'),
        method: 'PATCH',
        headers: { 'x-own': 'ü', accept: '*/*' },
        body: Uint8Array.of(0, 255),
      }),
    );
    expect({ ...request, url: request.url.href }).toEqual({
      url: 'https://a.test/b?c=d',
      method: 'PATCH',
      headers: { 'x-own': 'ü', accept: '*/*' },
      body: Uint8Array.of(0, 255),
    });
  });

  it('is a GET without headers and body when it says nothing else', () => {
    for (const payload of [
      encodeHttpRequest({ url: 'http://a.test' }),
      message({ url: 'http://a.test', method: null, headers: null }),
    ]) {
      const { url, ...others } = decodeHttpRequest(payload);
      expect(url.href).toBe('http://a.test/');
      expect(others).toEqual({ method: 'GET', headers: {}, body: EMPTY });
    }
  });

  it('has its method in upper case and the names of its headers in lower case', () => {
    const { method, headers } = decodeHttpRequest(
      message({
        url: 'http://a.test',
        method: 'purge',
        headers: { 'X-Own': 'a', 'x-own': 'b', Accept: '\ttext' },
      }),
    );
    expect([method, headers]).toEqual(['PURGE', { 'x-own': 'a, b', accept: '\ttext' }]);
  });

  it('may call its headers "header"', () => {
    expect(decodeHttpRequest(message({ url: 'http://a.test', header: { A: 'b' } })).headers).toEqual({
      a: 'b',
    });
  });

  it('keeps headers apart from what every object has', () => {
    const { headers } = decodeHttpRequest(
      message('{"url":"http://a.test","headers":{"__proto__":"a","constructor":"b"}}'),
    );
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', EMPTY, 'it ends after 0 bytes, but the length of its head needs 4'],
    ['half a head', Uint8Array.of(9, 0, 0, 0, 1), 'it ends after 5 bytes, but its head needs 13'],
    ['a head of 4 GiB', Uint8Array.of(255, 255, 255, 255), 'its head has 4294967295 bytes, more than 65536'],
    ['no JSON', message('{'), '1 bytes are not JSON'],
    ['no UTF-8', joinHttpCall(Uint8Array.of(0x22, 0xff, 0x22), EMPTY), '3 bytes are not UTF-8 text'],
    ['null', message(null), 'its head is no object'],
    ['a list', message([]), 'its head is no object'],
    ['no URL', message({}), 'its head has no "url"'],
    ['a URL that is none', message({ url: 'a.test' }), '"a.test" is no URL'],
    ['a URL that is a number', message({ url: 1 }), 'its head has no "url"'],
    ['an unknown field', message({ url: 'http://a', body: '' }), 'its head has an unknown field "body"'],
    [
      'a long unknown field',
      message({ ['x'.repeat(200)]: 1 }),
      `its head has an unknown field "${'x'.repeat(60)}…"`,
    ],
    [
      'two kinds of headers',
      message({ url: 'http://a', headers: {}, header: {} }),
      'its head has both "headers" and "header"',
    ],
    ['headers in a list', message({ url: 'http://a', headers: [] }), 'its headers are no object'],
    [
      'a header without a name',
      message({ url: 'http://a', headers: { '': 'x' } }),
      '"" is no name of a header',
    ],
    [
      'a name of two words',
      message({ url: 'http://a', headers: { 'a b': 'x' } }),
      '"a b" is no name of a header',
    ],
    [
      'a name with a line feed',
      message({ url: 'http://a', headers: { 'a\n': 'x' } }),
      '"a\\n" is no name of a header',
    ],
    [
      'a value with a line feed',
      message({ url: 'http://a', headers: { a: 'x\r\nhost: b' } }),
      'the value of its header "a" is none that HTTP can carry',
    ],
    [
      'a value beyond one byte',
      message({ url: 'http://a', headers: { a: '€' } }),
      'the value of its header "a" is none that HTTP can carry',
    ],
    [
      'a value that is a number',
      message({ url: 'http://a', headers: { a: 1 } }),
      'the value of its header "a" is none that HTTP can carry',
    ],
    ['an empty method', message({ url: 'http://a', method: '' }), '"" is no method that can be sent'],
    [
      'a method of two words',
      message({ url: 'http://a', method: 'GET /' }),
      '"GET /" is no method that can be sent',
    ],
    ['CONNECT', message({ url: 'http://a', method: 'connect' }), '"connect" is no method that can be sent'],
    ['TRACE', message({ url: 'http://a', method: 'TRACE' }), '"TRACE" is no method that can be sent'],
    [
      'a method that is a number',
      message({ url: 'http://a', method: 1 }),
      '"1" is no method that can be sent',
    ],
  ])('is refused when it has %s', (_, payload, fault) => {
    expect(() => decodeHttpRequest(payload)).toThrow(
      expect.objectContaining({ code: 'invalid', message: `the HTTP request is malformed: ${fault}` }),
    );
  });

  it('is decoded or refused as invalid, whatever it is', () => {
    const field = fc.constantFrom('url', 'method', 'headers', 'header', 'x');
    const head = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.webUrl())));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          head.map((value) => message(value)),
        ),
        (payload) => {
          try {
            decodeHttpRequest(payload);
          } catch (error) {
            expect(error).toMatchObject({ code: 'invalid' });
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('the reply of an HTTP host call', () => {
  const reply = (
    status: number,
    headers: [string, string][],
    bytes = EMPTY,
  ): ReturnType<typeof decodeHttpReply> =>
    decodeHttpReply(encodeHttpReply({ status, headers: new Headers(headers), bytes }));

  it('is decoded as it was encoded', () => {
    expect(reply(404, [['Content-Type', 'text/plain; x=ü']], Uint8Array.of(0, 255))).toEqual({
      status: 404,
      headers: { 'content-type': 'text/plain; x=ü' },
      body: Uint8Array.of(0, 255),
    });
    expect(reply(204, [])).toEqual({ status: 204, headers: {}, body: EMPTY });
  });

  it('joins the values of a header by a comma, and those of set-cookie by a line feed', () => {
    const headers: [string, string][] = [
      ['vary', 'a'],
      ['Vary', 'b'],
      ['set-cookie', 'a=b; expires=Wed, 21 Oct 2026 07:28:00 GMT'],
      ['Set-Cookie', 'c=d'],
    ];
    expect(reply(200, headers).headers).toEqual({
      vary: 'a, b',
      'set-cookie': 'a=b; expires=Wed, 21 Oct 2026 07:28:00 GMT\nc=d',
    });
  });

  it('has no headers when it says nothing of them, and their names in lower case', () => {
    expect(decodeHttpReply(message({ status: 200 })).headers).toBeUndefined();
    expect(decodeHttpReply(message({ status: 200, headers: { 'X-A': 'b' } })).headers).toEqual({
      'x-a': 'b',
    });
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', EMPTY, 'it ends after 0 bytes, but the length of its head needs 4'],
    ['no JSON', message('{'), '1 bytes are not JSON'],
    ['null', message(null), 'its head is no object'],
    ['no status', message({}), 'its head has no status'],
    ['a status in words', message({ status: '200' }), 'its head has no status'],
    ['a status of two digits', message({ status: 99 }), 'its head has no status'],
    ['a status of four digits', message({ status: 1000 }), 'its head has no status'],
    ['a broken status', message({ status: 200.5 }), 'its head has no status'],
    ['headers in a list', message({ status: 200, headers: [] }), 'its headers are no object'],
  ])('is refused when it has %s', (_, bytes, fault) => {
    expect(() => decodeHttpReply(bytes)).toThrow(
      expect.objectContaining({ code: 'invalid', message: `the HTTP reply is malformed: ${fault}` }),
    );
  });
});
