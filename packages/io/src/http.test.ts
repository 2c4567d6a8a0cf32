import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { PlugbayError } from '@plugbay/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deadPort, serve, serveBytes } from '../test/loopback.ts';
import { type FetchRequest, sendRequest } from './http.ts';

function send(url: URL, more: Partial<FetchRequest> = {}): ReturnType<typeof sendRequest> {
  return sendRequest({ url, timeoutMs: 20_000, maxBytes: 1_000_000, ...more });
}

async function textOf(answer: ReturnType<typeof sendRequest>): Promise<string> {
  return new TextDecoder().decode((await answer).bytes);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

describe('sendRequest', () => {
  it('gives status, headers and bytes of an answer', async () => {
    const url = await serve((_, response) => {
      response.writeHead(201, 'Made It', { 'content-type': 'application/octet-stream', 'x-own': 'a' });
      response.end(Uint8Array.of(0, 255, 10, 13));
    });
    const { status, statusText, headers, bytes } = await send(url);

    expect({ status, statusText, own: headers.get('x-own') }).toEqual({
      status: 201,
      statusText: 'Made It',
      own: 'a',
    });
    expect([...bytes]).toEqual([0, 255, 10, 13]);
  });

  it.each([204, 304, 400, 401, 404, 429, 500, 503])(
    'takes status %i for an answer, not for a failure',
    async (status) => {
      const url = await serve((_, response) => response.writeHead(status).end());
      const answer = await send(url);

      expect([answer.status, answer.bytes]).toEqual([status, new Uint8Array()]);
    },
  );

  it('sends method, path, headers and body', async () => {
    const url = await serve(async (request, response) => {
      const { method, url: path, headers } = request;
      response.end(JSON.stringify({ method, path, own: headers['x-own'], body: await bodyOf(request) }));
    });
    const sent = { method: 'PUT', headers: { 'X-Own': 'a' }, body: 'ü' };

    expect(JSON.parse(await textOf(send(new URL('/a%20b?c=d', url), sent)))).toEqual({
      method: 'PUT',
      path: '/a%20b?c=d',
      own: 'a',
      body: 'ü',
    });
  });

  it('is a GET without a body when nothing else was said, and asks for no encoding', async () => {
    const url = await serve(async (request, response) => {
      const { method, headers } = request;
      response.end(JSON.stringify([method, headers['accept-encoding'], await bodyOf(request)]));
    });

    expect(JSON.parse(await textOf(send(url)))).toEqual(['GET', 'identity', '']);
  });

  it('puts an answer of many parts together in their order', async () => {
    const parts = Array.from({ length: 50 }, (_, index) => `${index};`.repeat(index));
    const url = await serve(async (_, response) => {
      for (const part of parts) {
        response.write(part);
        await new Promise(setImmediate);
      }
      response.end();
    });

    expect(await textOf(send(url))).toBe(parts.join(''));
  });

  it('uses the fetch that it was given', async () => {
    const asked: unknown[] = [];
    const own: typeof fetch = async (input, init) => {
      asked.push([String(input), init?.method, init?.redirect, init?.headers]);
      return new Response('own', { status: 202 });
    };
    const { status, bytes } = await send(new URL('http://h.invalid/x'), { fetch: own, headers: { a: 'b' } });

    expect([status, Buffer.from(bytes).toString()]).toEqual([202, 'own']);
    expect(asked).toEqual([
      ['http://h.invalid/x', 'GET', 'manual', { 'accept-encoding': 'identity', a: 'b' }],
    ]);
  });

  it('keeps no process alive with the connection that it could use again', async () => {
    const url = await serve((_, response) => response.end('x'));
    const script = `
      import { sendRequest } from ${JSON.stringify(new URL('http.ts', import.meta.url).href)};
      const url = new URL(process.argv[1]);
      const { bytes } = await sendRequest({ url, timeoutMs: 600_000, maxBytes: 10, signal: new AbortController().signal });
      console.log(bytes.length);
    `;
    const args = ['--conditions=@plugbay/source', '--input-type=module', '-e', script, url.href];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 });
    const printed = child.stdout.setEncoding('utf8').toArray();

    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await printed).toEqual(['1\n']);
  });
});

describe('sendRequest and its deadline', () => {
  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['sends its headers and stops', (_, response) => response.writeHead(200).flushHeaders()],
    [
      'stops in the middle of the body',
      (_, response) => response.writeHead(200, { 'content-length': '10' }).write('12345'),
    ],
    [
      'drips its body for ever',
      (_, response) => {
        const drip = setInterval(() => response.write('x'), 10);
        response.on('close', () => clearInterval(drip));
      },
    ],
    [
      'redirects for ever and slowly',
      (_, response) => void setTimeout(() => response.writeHead(302, { location: '/' }).end(), 40),
    ],
  ])('ends with timeout when a server %s', async (_, listener) => {
    const url = await serve(listener);
    const start = performance.now();

    await expect(send(url, { timeoutMs: 150 })).rejects.toMatchObject({
      code: 'timeout',
      message: `GET ${url.href} took longer than 150 ms`,
    });
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('hangs up on the server, so that it need not go on', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const url = await serve((_, response) => {
      response.on('close', resolve);
      response.write('x');
    });

    await expect(send(url, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    await closed;
  });

  it('leaves no timer behind', async () => {
    const url = await serve((_, response) => response.end('x'));
    const set = vi.spyOn(globalThis, 'setTimeout');
    const clear = vi.spyOn(globalThis, 'clearTimeout');
    onTestFinished(() => {
      set.mockRestore();
      clear.mockRestore();
    });
    await send(url, { timeoutMs: 123_456 });
    const at = set.mock.calls.findIndex(([, delay]) => delay === 123_456);

    expect(clear).toHaveBeenCalledWith(set.mock.results[at]?.value);
  });

  it.each([0, -5, 0.25])('has no time when given %d ms', async (timeoutMs) => {
    const url = await serve(() => undefined);

    await expect(send(url, { timeoutMs })).rejects.toMatchObject({
      code: 'timeout',
      message: `GET ${url.href} took longer than ${timeoutMs} ms`,
    });
  });

  // A timer that is given more than 2 ** 31 - 1 fires at once.
  it.each([2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY])(
    'has time enough when given %d ms',
    async (timeoutMs) => {
      const url = await serve((_, response) => void setTimeout(() => response.end('x'), 30));

      expect(await textOf(send(url, { timeoutMs }))).toBe('x');
    },
  );
});

describe('sendRequest and its signal', () => {
  it('sends nothing when it was canceled before', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.end();
    });

    await expect(send(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'canceled',
      message: `GET ${url.href} was canceled`,
    });
    expect(asked).toBe(0);
  });

  it.each<[string, RequestListener]>([
    ['before the answer', () => undefined],
    ['in the middle of the answer', (_, response) => response.write('x')],
  ])('ends with canceled when it is canceled %s', async (_, listener) => {
    const controller = new AbortController();
    const url = await serve((request, response) => {
      listener(request, response);
      setTimeout(() => controller.abort(new Error('enough')), 30);
    });

    await expect(send(url, { method: 'DELETE', signal: controller.signal })).rejects.toMatchObject({
      code: 'canceled',
      message: `DELETE ${url.href} was canceled`,
    });
  });

  it('leaves nothing on a signal that lives long', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    const url = await serve((_, response) => response.end('x'));
    for (let round = 0; round < 20; round++) await send(url, { signal });

    expect(listeners).toBe(0);
  });
});

describe('sendRequest and its cap', () => {
  const tooLarge = (url: URL): object => ({
    code: 'limit',
    message: `the answer of ${url.href} is larger than 1000 bytes`,
  });

  it.each([
    ['with a length', true],
    ['without one', false],
  ])('takes a body of exactly the cap, %s, and none of one byte more', async (_, withLength) => {
    const url = await serve((request, response) => {
      const size = Number(request.url?.slice(1));
      if (withLength) response.setHeader('content-length', size);
      response.write('x'.repeat(size - 1));
      response.end('x');
    });

    expect((await send(new URL('/1000', url), { maxBytes: 1000 })).bytes).toHaveLength(1000);
    const over = new URL('/1001', url);
    await expect(send(over, { maxBytes: 1000 })).rejects.toMatchObject(tooLarge(over));
  });

  it('stops reading an endless body and hangs up', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    let sent = 0;
    const url = await serve((_, response) => {
      let open = true;
      response.on('close', () => {
        open = false;
        resolve();
      });
      const flow = (): void => {
        while (open && response.write('x'.repeat(10_000))) sent += 10_000;
        if (open) response.once('drain', flow);
      };
      flow();
    });

    await expect(send(url, { maxBytes: 1000 })).rejects.toMatchObject(tooLarge(url));
    await closed;
    expect(sent).toBeLessThan(50_000_000);
  });

  it('takes an empty body even when the cap is zero', async () => {
    const url = await serve((_, response) => response.end());

    expect((await send(url, { maxBytes: 0 })).bytes).toHaveLength(0);
  });

  it('takes no headers without end', async () => {
    const url = await serveBytes(
      'HTTP/1.1 200 OK\r\n',
      `x-${'a'.repeat(1_000)}: b\r\n`.repeat(1_000),
      'content-length: 0\r\n\r\n',
    );

    await expect(send(url)).rejects.toMatchObject({
      code: 'unavailable',
      message: `GET ${url.href} failed: Headers Overflow Error`,
    });
  });
});

describe('sendRequest and redirects', () => {
  const SECRETS = {
    Authorization: 'Bearer s',
    COOKIE: 'a=b',
    'Proxy-Authorization': 'Basic s',
    'x-own': 'kept',
  };

  /** Tells what it was asked with. */
  const tell: RequestListener = ({ url, headers }, response) => {
    const { authorization, cookie, 'proxy-authorization': proxy, 'x-own': own } = headers;
    response.end(JSON.stringify({ url, authorization, cookie, proxy, own }));
  };

  function redirect(location: string, status = 302): Promise<URL> {
    return serve((request, response) => {
      if (request.url === '/') response.writeHead(status, { location }).end('go there');
      else tell(request, response);
    });
  }

  it.each([301, 302, 303, 307, 308])(
    'follows a GET with status %i within the origin and keeps the credentials',
    async (status) => {
      const url = await redirect('/there?x=1', status);

      expect(JSON.parse(await textOf(send(url, { headers: SECRETS })))).toEqual({
        url: '/there?x=1',
        authorization: 'Bearer s',
        cookie: 'a=b',
        proxy: 'Basic s',
        own: 'kept',
      });
    },
  );

  it.each([
    ['there', '/a/there'],
    ['../there', '/there'],
    ['?x=1', '/a/b?x=1'],
    ['/there#part', '/there'],
  ])('reads the location %j from where it stands', async (location, path) => {
    const url = await serve((request, response) => {
      if (request.url === '/a/b') response.writeHead(302, { location }).end();
      else tell(request, response);
    });

    expect(JSON.parse(await textOf(send(new URL('/a/b', url))))).toMatchObject({ url: path });
  });

  it('drops the credentials, and only those, on the way to another origin', async () => {
    const other = await serve(tell);
    const url = await redirect(other.href);

    expect(JSON.parse(await textOf(send(url, { headers: SECRETS })))).toEqual({ url: '/', own: 'kept' });
  });

  it('takes another port and another name of the same machine for another origin', async () => {
    const other = await serve(tell);
    const url = await redirect(`http://localhost:${other.port}/`);

    expect(JSON.parse(await textOf(send(url, { headers: SECRETS })))).toEqual({ url: '/', own: 'kept' });
  });

  it('does not read the body of a redirect, and hangs up on one that never ends', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const url = await serve((request, response) => {
      if (request.url === '/there') return tell(request, response);
      response.on('close', resolve);
      response.writeHead(302, { location: '/there' }).write('x'.repeat(100_000));
    });

    // Longer than the test may take, so that it is not the deadline that hangs up.
    expect(JSON.parse(await textOf(send(url, { timeoutMs: 600_000 })))).toEqual({ url: '/there' });
    await closed;
  });

  it('does not give the credentials back on the way home', async () => {
    const home = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: away.href }).end();
      else tell(request, response);
    });
    const away = await serve((_, response) =>
      response.writeHead(302, { location: `${home.href}back` }).end(),
    );

    expect(JSON.parse(await textOf(send(home, { headers: SECRETS })))).toEqual({ url: '/back', own: 'kept' });
  });

  it('follows five hops and not a sixth', async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('arrived');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });

    expect(await textOf(send(new URL('/5', url)))).toBe('arrived');
    await expect(send(new URL('/6', url))).rejects.toMatchObject({
      code: 'unavailable',
      message: `${url.href}6 redirects more than 5 times`,
    });
  });

  it('ends a loop', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.writeHead(301, { location: '/' }).end();
    });

    await expect(send(url)).rejects.toMatchObject({
      code: 'unavailable',
      message: `${url.href} redirects more than 5 times`,
    });
    expect(asked).toBe(6);
  });

  it.each(['POST', 'PUT', 'DELETE'])('hands the redirect of a %s to the caller', async (method) => {
    const url = await redirect('/there');
    const { status, headers, bytes } = await send(url, { method });

    expect([status, headers.get('location'), Buffer.from(bytes).toString()]).toEqual([
      302,
      '/there',
      'go there',
    ]);
  });

  it.each([201, 300, 304])('does not take status %i for a redirect', async (status) => {
    expect((await send(await redirect('/there', status))).status).toBe(status);
  });

  it('does not take an answer without a location for a redirect', async () => {
    const url = await serve((_, response) => response.writeHead(302).end('where?'));

    expect(await textOf(send(url))).toBe('where?');
  });

  it.each([
    ['data:,evil', 'data:'],
    ['file:///etc/passwd', 'file:'],
    ['ftp://127.0.0.1/', 'ftp:'],
  ])('does not leave HTTP for %s', async (location, protocol) => {
    const url = await redirect(location);

    await expect(send(url)).rejects.toMatchObject({
      code: 'unsupported',
      message: `${url.href} leads to ${protocol}, which is not HTTP`,
    });
  });

  it('says that a location is no URL', async () => {
    const url = await redirect('http://[');

    await expect(send(url)).rejects.toMatchObject({
      code: 'unavailable',
      message: `GET ${url.href} failed: Invalid URL`,
    });
  });
});

describe('sendRequest when it fails', () => {
  const hint = 'Check that the server runs and can be reached from here.';

  it('says that nobody listens', async () => {
    const url = await deadPort();

    await expect(send(url, { method: 'POST', body: 'x' })).rejects.toMatchObject({
      code: 'unavailable',
      message: `POST ${url.href} failed: connect ECONNREFUSED ${url.host}`,
      hint,
      cause: expect.any(TypeError),
    });
  });

  it('names every address that was tried', async () => {
    const tried = new AggregateError([
      new Error('connect ECONNREFUSED ::1:7'),
      new Error('connect ECONNREFUSED 127.0.0.1:7'),
    ]);
    const own = (): Promise<Response> => Promise.reject(new TypeError('fetch failed', { cause: tried }));

    await expect(send(new URL('http://localhost:7'), { fetch: own })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'GET http://localhost:7/ failed: connect ECONNREFUSED ::1:7, connect ECONNREFUSED 127.0.0.1:7',
    });
  });

  it('says that a server hung up without an answer', async () => {
    const url = await serveBytes();

    await expect(send(url)).rejects.toMatchObject({
      code: 'unavailable',
      message: `GET ${url.href} failed: other side closed`,
      hint,
    });
  });

  it('says that an answer is not HTTP', async () => {
    const url = await serveBytes('SSH-2.0-OpenSSH_9.2\r\n');

    await expect(send(url)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/failed: .*Expected HTTP/),
      hint,
    });
  });

  it.each([
    ['of a length that never came', ['content-length: 100\r\n\r\n', 'short']],
    ['of a length of which nothing came', ['content-length: 100\r\n\r\n']],
    ['in chunks without the last one', ['transfer-encoding: chunked\r\n\r\n', '5\r\nshort\r\n']],
    ['in chunks, the last one cut', ['transfer-encoding: chunked\r\n\r\n', '5\r\nsho']],
  ])('takes no part of a body for all of it: %s', async (_, parts) => {
    const url = await serveBytes('HTTP/1.1 200 OK\r\n', ...parts);

    await expect(send(url)).rejects.toMatchObject({
      code: 'unavailable',
      message: `GET ${url.href} failed: other side closed`,
    });
  });

  it('takes no part of a body for all of it when the peer resets the connection', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('short');
      setTimeout(() => response.socket?.resetAndDestroy(), 30);
    });

    await expect(send(url)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^GET \S+ failed: (read ECONNRESET|other side closed)$/),
    });
  });

  // fetch inflates what there is of a cut stream and says nothing, so encoded answers are refused as such.
  it.each([
    ['gzip', gzipSync('x'.repeat(100_000)).subarray(0, 60)],
    ['br', brotliCompressSync('x'.repeat(100_000)).subarray(0, 5)],
    ['gzip', gzipSync('all of it')],
  ])('refuses an answer in an encoding that it did not ask for: %s', async (encoding, bytes) => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': bytes.length }).end(bytes);
    });

    await expect(send(url)).rejects.toMatchObject({
      code: 'unsupported',
      message: `the answer of ${url.href} is encoded as ${encoding}, which was not asked for`,
    });
  });

  it.each([
    ['data:,x', 'data:'],
    ['file:///etc/passwd', 'file:'],
  ])('speaks HTTP only, not %s', async (href, protocol) => {
    await expect(send(new URL(href))).rejects.toMatchObject({
      code: 'unsupported',
      message: `${protocol} leads to ${protocol}, which is not HTTP`,
    });
  });

  it('passes on the PlugbayError of a fetch that it was given', async () => {
    const refusal = new PlugbayError('denied', 'this address is not allowed');

    await expect(send(new URL('http://h.invalid'), { fetch: () => Promise.reject(refusal) })).rejects.toBe(
      refusal,
    );
  });
});
