import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { type HostCall, rootInvocation } from '@plugbay/core';
import {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  hostPolicy,
  resolveHttpCallLimits,
} from '@plugbay/io';
import { FakeClock } from '@plugbay/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerHttpRequest, type HttpAnswering, refuseHttpRequest } from './http-request.ts';

/** An HTTPResponse as the plugin reads it, but for how long it took. */
interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly error?: string;
}

async function listening(server: Server | TcpServer): Promise<URL> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await closed;
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const serve = (listener: RequestListener): Promise<URL> => listening(createServer(listener));

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

function clientOf(allowed: readonly string[], options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({ hosts: hostPolicy(allowed), ...options });
  onTestFinished(() => client.close());
  return client;
}

const callOf = (payload: unknown, more: Partial<HostCall> = {}): HostCall => ({
  link: '',
  namespace: 'apiqube',
  operation: 'http_request',
  payload: typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(JSON.stringify(payload)),
  invocation: rootInvocation('test'),
  signal: new AbortController().signal,
  ...more,
});

/** What a plugin is answered that asks for `payload`: an object, or a text that may be no JSON. */
async function ask(
  payload: unknown,
  more: Partial<HttpAnswering> = {},
  call: Partial<HostCall> = {},
): Promise<Answer> {
  const clock = new FakeClock();
  const limits = resolveHttpCallLimits({
    maxRequestBytes: 1_000,
    maxResponseBytes: 1_000,
    timeoutMs: 20_000,
  });
  const bytes = await answerHttpRequest(callOf(payload, call), {
    client: clientOf(['127.0.0.1']),
    limits,
    clock,
    ...more,
  });
  const { duration_ms, body, ...answer } = JSON.parse(Buffer.from(bytes).toString());
  expect(duration_ms).toBe(0);
  return body === undefined ? answer : { ...answer, body: Buffer.from(body, 'base64').toString() };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a plugin that asks for HTTP', () => {
  it('Success: gets status, headers and body, and the milliseconds that it took', async () => {
    const url = await serve(async (request, response) => {
      response.sendDate = false;
      response.writeHead(201, {
        'content-type': 'application/json',
        'x-custom-id': Buffer.from('grüße').toString('latin1'),
        connection: 'close',
      });
      response.end(`${request.method} ${request.url} ${await bodyOf(request)}`);
    });
    const clock = new FakeClock();
    const client = clientOf(['127.0.0.1']);
    const slow: Pick<HttpClient, 'request'> = {
      request: async (request) => {
        const answer = await client.request(request);
        clock.advance(7.6);
        return answer;
      },
    };
    const call = callOf({ method: 'POST', url: new URL('/users?a=b', url), body: base64('grüße') });
    const bytes = await answerHttpRequest(call, { client: slow, limits: resolveHttpCallLimits(), clock });
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({
      status: 201,
      headers: {
        'Content-Type': 'application/json',
        'X-Custom-Id': 'grüße',
        Connection: 'close',
        'Transfer-Encoding': 'chunked',
      },
      body: base64('POST /users?a=b grüße'),
      duration_ms: 8,
    });
  });

  it('NetworkError: gets the reason when nobody answers', async () => {
    const server = createTcpServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await ask({ url: `http://127.0.0.1:${port}/` })).toEqual({
      status: 0,
      error: `GET http://127.0.0.1:${port}/ failed: connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  it('BadJSON: gets an error for what is no request', async () => {
    expect(await ask('{')).toEqual({ status: 0, error: 'decode: "{" is not JSON' });
    expect(await ask({ url: 1 })).toEqual({
      status: 0,
      error: 'decode: url must be a string, not the number 1',
    });
    expect(await ask({ body: Buffer.alloc(1_001).toString('base64') })).toEqual({
      status: 0,
      error: 'decode: its body has 1001 bytes, more than 1000',
    });
  });

  it.each([
    ['BadURL: a URL that is none', { url: '://bad' }, '"://bad" is no URL'],
    [
      'a method that is none',
      { url: 'http://a.test', method: 'BAD METHOD' },
      '"BAD METHOD" is no method that can be sent',
    ],
    ['a tunnel', { url: 'http://a.test', method: 'connect' }, '"connect" is no method that can be sent'],
    [
      'a header’s name that is none',
      { url: 'http://a.test', headers: { 'a b': '' } },
      '"a b" is no name of a header',
    ],
    [
      'a header with a line end',
      { url: 'http://a.test', headers: { a: 'b\r\nc: d' } },
      'the value of its header "a" is none that HTTP can carry',
    ],
  ])('gets an error for %s', async (_, request, reason) => {
    expect(await ask(request)).toEqual({ status: 0, error: `build request: ${reason}` });
  });

  it('Headers: sends its headers, the last spelling of a name, as UTF-8, and never another host', async () => {
    const url = await serve((request, response) => {
      const { authorization, 'x-twice': twice, 'x-text': text, host } = request.headers;
      const read = Buffer.from(String(text), 'latin1').toString('utf8');
      response.end(JSON.stringify([authorization, twice, read, host]));
    });
    const headers = {
      Authorization: 'Bearer a',
      'X-Twice': '1',
      'x-twice': '2',
      'X-Text': 'grüße €',
      Host: 'b.test',
    };
    const { body } = await ask({ url, headers });
    expect(JSON.parse(body ?? '')).toEqual(['Bearer a', '2', 'grüße €', url.host]);
  });

  it('InjectedClient: is answered by the client of its host, in one request', async () => {
    const asked: string[] = [];
    const client: Pick<HttpClient, 'request'> = {
      request: async ({ url, method, timeoutMs, maxBytes }) => {
        asked.push(`${method} ${url} ${timeoutMs} ${maxBytes}`);
        return { status: 418, statusText: '', headers: new Headers(), bytes: new Uint8Array(0) };
      },
    };
    expect(await ask({ url: 'http://a.test/' }, { client })).toEqual({ status: 418, headers: {} });
    expect(asked).toEqual(['GET http://a.test/ 20000 1000']);
  });

  it('sends any other method, and a body with any of them', async () => {
    const url = await serve(async (request, response) => {
      response.end(`${request.method} ${await bodyOf(request)}`);
    });
    for (const method of ['GET', 'TRACE', 'DELETE', 'PURGE']) {
      expect((await ask({ url, method, body: base64('x') })).body).toBe(`${method} x`);
    }
  });

  it('gets several values of a header in one, and the first cookie', async () => {
    const url = await serve((_, response) => {
      response.setHeader('x-multi', ['a', 'b']);
      response.setHeader('set-cookie', ['a=1, x', 'b=2']);
      response.end();
    });
    const { headers } = await ask({ url });
    expect([headers?.['X-Multi'], headers?.['Set-Cookie']]).toEqual(['a, b', 'a=1, x']);
  });

  it('gets an error for half an answer, and for one that is too large', async () => {
    const half = await listening(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'));
      }),
    );
    expect(await ask({ url: half })).toEqual({
      status: 0,
      error: expect.stringContaining(`GET ${half} failed: `),
    });
    const large = await serve((_, response) => void response.end('x'.repeat(1_001)));
    expect(await ask({ url: large })).toEqual({
      status: 0,
      error: `the answer of ${large} is larger than 1000 bytes`,
    });
  });

  it('is refused hosts that are not allowed, and private addresses that are not named', async () => {
    const url = await serve((_, response) => void response.end('secret'));
    const client = clientOf(['*'], { resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    expect(await ask({ url }, { client })).toEqual({ status: 0, error: '127.0.0.1 is no public address' });
    expect((await ask({ url: `http://a.test:${url.port}/` }, { client })).error).toMatch(
      /a\.test has no public address/,
    );
    const { error } = await ask({ url: 'http://a.test/' });
    expect(error).toBe('HTTP request to "http://a.test/" is not allowed (no allowedHosts match "a.test")');
  });

  it('waits as long as it says, and no longer than its host says or the call may last', async () => {
    const limits: unknown[] = [];
    const client: Pick<HttpClient, 'request'> = {
      request: async ({ timeoutMs }) => {
        limits.push(timeoutMs);
        return { status: 200, statusText: '', headers: new Headers(), bytes: new Uint8Array(0) };
      },
    };
    const url = 'http://a.test/';
    const deadline = new FakeClock().now() + 50;
    await ask({ url, timeout_ms: 10 }, { client });
    await ask({ url, timeout_ms: 90_000 }, { client });
    await ask({ url, timeout_ms: -1 }, { client });
    await ask({ url }, { client }, { invocation: { id: 'a', depth: 0, deadline } });
    await ask({ url }, { client }, { invocation: { id: 'a', depth: 0, deadline: deadline - 60 } });
    expect(limits).toEqual([10, 20_000, 20_000, 50, 0]);
  });

  it('gets an error when the answer takes longer than it waits, or its call is canceled', async () => {
    const url = await serve(() => undefined);
    expect(await ask({ url, timeout_ms: 1 })).toEqual({
      status: 0,
      error: `GET ${url} took longer than 1 ms`,
    });
    expect(await ask({ url }, {}, { signal: AbortSignal.abort() })).toEqual({
      status: 0,
      error: `GET ${url} was canceled`,
    });
  });

  it('is told why it must not ask', () => {
    expect(Buffer.from(refuseHttpRequest('because')).toString()).toBe(
      '{"status":0,"duration_ms":0,"error":"because"}',
    );
  });
});

describe('the redirects of a plugin’s request', () => {
  /** Answers `/<n>` with a redirect to `/<n - 1>`, and `/0` with a text. */
  const counting = (): Promise<URL> =>
    serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('arrived');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });

  it('NoFollowRedirects: are the answer where it does not follow them, whatever else it says', async () => {
    const reached: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      reached.push(request.url);
      response.writeHead(302, { location: '/target' }).end();
    });
    const answer = await ask({ url, follow_redirects: false, max_redirects: 5 });
    expect([answer.status, answer.headers?.['Location'], answer.error]).toEqual([302, '/target', undefined]);
    expect(reached).toEqual(['/']);
  });

  it('are followed until it has made as many requests as it says', async () => {
    const url = await counting();
    expect(await ask({ url: new URL('/2', url), max_redirects: 3 })).toMatchObject({
      status: 200,
      body: 'arrived',
    });
    expect(await ask({ url: new URL('/2', url), max_redirects: 2 })).toEqual({
      status: 0,
      error: `${url}2 redirects more than 1 times`,
    });
    expect((await ask({ url: new URL('/1', url), max_redirects: 1 })).error).toBe(
      `${url}1 redirects more than 0 times`,
    );
  });

  it('are followed ten times when it says nothing, and twenty times at most', async () => {
    const url = await counting();
    for (const more of [{}, { follow_redirects: true }, { follow_redirects: null, max_redirects: 0 }]) {
      expect((await ask({ url: new URL('/10', url), ...more })).body).toBe('arrived');
      expect((await ask({ url: new URL('/11', url), ...more })).error).toBe(
        `${url}11 redirects more than 10 times`,
      );
    }
    expect((await ask({ url: new URL('/20', url), max_redirects: 100 })).body).toBe('arrived');
    expect((await ask({ url: new URL('/21', url), max_redirects: 100 })).error).toBe(
      `${url}21 redirects more than 20 times`,
    );
  });
});
