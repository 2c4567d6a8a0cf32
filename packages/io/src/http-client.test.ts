import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deadPort, serve, serveBytes, serveTls } from '../test/loopback.ts';
import { CERTIFICATE, KEY } from '../test/secure.ts';
import { hostPolicy } from './host-policy.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from './http-client.ts';
import type { Resolve } from './http-connect.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';

/** Every name is this machine. */
const here: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];

function clientOf(allowed: readonly string[], options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({ hosts: hostPolicy(allowed), resolve: here, ...options });
  onTestFinished(() => client.close());
  return client;
}

function ask(client: HttpClient, url: URL | string, more: Partial<HttpRequest> = {}): Promise<HttpResponse> {
  return client.request({ url: new URL(url), timeoutMs: 20_000, maxBytes: 1_000_000, ...more });
}

const textOf = ({ bytes }: HttpResponse): string => Buffer.from(bytes).toString();

/** The same server by another name. */
function at(host: string, url: URL, path = '/'): string {
  return `${url.protocol}//${host}:${url.port}${path}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('latin1')) text += chunk;
  return text;
}

/** Tells what it was asked. */
const tell: RequestListener = async (request, response) => {
  const { method, url, headers } = request;
  response.end(JSON.stringify({ method, url, headers, body: await bodyOf(request) }));
};

describe('a client', () => {
  it('sends method, path, query, headers and bytes, and gives status, headers and bytes', async () => {
    const url = await serve(async (request, response) => {
      response.writeHead(201, 'Made It', { 'X-Own': 'a', 'set-cookie': ['a=b', 'c=d'] });
      response.end(`${request.method} ${request.url} ${request.headers['x-own']} ${await bodyOf(request)}`);
    });
    const answer = await ask(clientOf(['127.0.0.1']), new URL('/a%20b?c=d#e', url), {
      method: 'put',
      headers: { 'X-Own': 'ü' },
      body: Uint8Array.of(0, 65, 255),
    });

    expect([answer.status, answer.statusText, textOf(answer)]).toEqual([
      201,
      'Made It',
      'PUT /a%20b?c=d ü \0Aÿ',
    ]);
    expect([answer.headers.get('x-own'), answer.headers.getSetCookie()]).toEqual(['a', ['a=b', 'c=d']]);
  });

  it('says what it is and takes, unless it was told otherwise', async () => {
    const url = await serve(tell);
    const client = clientOf(['127.0.0.1']);
    const headersOf = async (headers: Record<string, string>): Promise<unknown> =>
      JSON.parse(textOf(await ask(client, url, { headers }))).headers;

    expect(await headersOf({})).toEqual({
      host: url.host,
      connection: 'keep-alive',
      accept: '*/*',
      'accept-encoding': 'gzip, br',
      'user-agent': 'plugbay',
    });
    expect(
      await headersOf({ Accept: 'text/html', 'Accept-Encoding': 'identity', 'USER-AGENT': 'mine' }),
    ).toMatchObject({ accept: 'text/html', 'accept-encoding': 'identity', 'user-agent': 'mine' });
    expect(await headersOf({ Range: 'bytes=0-1' })).toMatchObject({ 'accept-encoding': 'identity' });
  });

  it('sets the host and the framing itself', async () => {
    const url = await serve(tell);
    const headers = {
      Host: 'other.test',
      Connection: 'close, x-own',
      'Content-Length': '99',
      'Transfer-Encoding': 'chunked',
      Upgrade: 'h2c',
      TE: 'trailers',
      Trailer: 'x-late',
      'Keep-Alive': 'timeout=600',
      'Proxy-Connection': 'keep-alive',
      Expect: '100-continue',
      'X-Own': 'a',
    };
    const answer = await ask(clientOf(['127.0.0.1']), url, { method: 'POST', headers, body: 'ab' });

    expect(JSON.parse(textOf(answer))).toEqual({
      method: 'POST',
      url: '/',
      headers: {
        host: url.host,
        connection: 'keep-alive',
        accept: '*/*',
        'accept-encoding': 'gzip, br',
        'user-agent': 'plugbay',
        'content-length': '2',
        'x-own': 'a',
      },
      body: 'ab',
    });
  });

  it('sends the body of a GET, and none with HEAD', async () => {
    const url = await serve(tell);
    const client = clientOf(['127.0.0.1']);

    expect(JSON.parse(textOf(await ask(client, url, { body: 'ab' })))).toMatchObject({
      method: 'GET',
      body: 'ab',
    });
    const head = await ask(client, url, { method: 'HEAD', body: 'ab' });
    expect([head.status, head.bytes]).toEqual([200, new Uint8Array(0)]);
  });

  it('turns credentials in the URL into the header that they stand for, unless there is one', async () => {
    const url = await serve(tell);
    const client = clientOf(['127.0.0.1']);
    const authorizationOf = async (href: string, headers = {}): Promise<unknown> =>
      JSON.parse(textOf(await ask(client, href, { headers }))).headers.authorization;

    expect(await authorizationOf(at('us%C3%BCr:p%3A%zz@127.0.0.1', url))).toBe(
      `Basic ${Buffer.from('usür:p:%zz').toString('base64')}`,
    );
    expect(await authorizationOf(at('user:secret@127.0.0.1', url), { Authorization: 'Bearer t' })).toBe(
      'Bearer t',
    );
  });

  it.each([204, 304, 404, 500])('takes status %i for an answer, not for a failure', async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end());

    expect((await ask(clientOf(['127.0.0.1']), url)).status).toBe(status);
  });

  it('uses no proxy that the environment names', async () => {
    const url = await serve((_, response) => response.end('direct'));
    const proxy = await serve((_, response) => response.end('by proxy'));
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) {
      const before = process.env[name];
      process.env[name] = proxy.href;
      onTestFinished(() => {
        if (before === undefined) delete process.env[name];
        else process.env[name] = before;
      });
    }

    expect(textOf(await ask(clientOf(['a.test']), at('a.test', url)))).toBe('direct');
  });

  it('keeps a connection for the next request', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('x');
    });
    const client = clientOf(['127.0.0.1']);
    for (let round = 0; round < 20; round++) await ask(client, url);

    // Two, because an answer can be read before its connection is known to be free.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('shares no connection with another client', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('x');
    });
    await ask(clientOf(['127.0.0.1']), url);
    await ask(clientOf(['127.0.0.1']), url);

    expect(ports.size).toBe(2);
  });
});

describe('a client that nobody closed', () => {
  it('keeps no process alive', async () => {
    const url = await serve((_, response) => response.end('x'));
    const script = `
      import { createHttpClient, hostPolicy } from ${JSON.stringify(new URL('mod.ts', import.meta.url).href)};
      const client = createHttpClient({ hosts: hostPolicy(['127.0.0.1']) });
      const url = new URL(process.argv[1]);
      const { bytes } = await client.request({ url, timeoutMs: 600_000, maxBytes: 10 });
      console.log(bytes.length);
    `;
    const args = ['--conditions=@plugbay/source', '--input-type=module', '-e', script, url.href];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 });
    const printed = child.stdout.setEncoding('utf8').toArray();

    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await printed).toEqual(['1\n']);
  });
});

describe('a client and its policy', () => {
  it('asks no host that is not allowed', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.end();
    });

    await expect(
      ask(clientOf(['a.test']), at('user:secret@b.test', url, '/path?token=1')),
    ).rejects.toMatchObject({
      code: 'denied',
      message: `HTTP request to "http://b.test:${url.port}/path" is not allowed (no allowedHosts match "b.test")`,
      hint: 'Add "b.test" to the allowed hosts.',
    });
    expect(asked).toBe(0);
  });

  it('asks none at all without an allowed host', async () => {
    await expect(ask(clientOf([]), 'http://127.0.0.1/')).rejects.toMatchObject({ code: 'denied' });
  });

  it.each([
    'localhost',
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '017700000001',
    '127.1',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '0',
    '169.254.169.254',
    '[fd00:ec2::254]',
    'internal.test',
  ])('does not ask %s because a pattern matches it', async (host) => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.end();
    });
    const resolve: Resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];

    await expect(ask(clientOf(['*'], { resolve }), at(host, url))).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringMatching(/ (has|is) no public address$/),
    });
    expect(asked).toBe(0);
  });

  it('tells the address of a private host to the operator, and not in the message', async () => {
    const resolve: Resolve = async () => [{ address: '10.1.2.3', family: 4 }];

    await expect(ask(clientOf(['*'], { resolve }), 'http://internal.test/')).rejects.toMatchObject({
      code: 'denied',
      message: 'internal.test has no public address',
      cause: new Error('10.1.2.3 belongs to a private network'),
      hint: 'To allow its private address, name internal.test itself among the allowed hosts; a pattern grants public ones only.',
    });
  });

  it('asks a private host that is named', async () => {
    const url = await serve((_, response) => response.end('x'));
    const client = clientOf(['*', 'internal.test']);

    expect(textOf(await ask(client, at('internal.test', url)))).toBe('x');
  });
});

describe('a client and redirects', () => {
  const redirectTo = (location: string, status = 302): Promise<URL> =>
    serve((request, response) => {
      if (request.url?.split('?')[0] === '/') response.writeHead(status, { location }).end('go there');
      else void tell(request, response);
    });

  it('follows them to every host that is allowed', async () => {
    const last = await serve((request, response) => response.end(request.headers.host));
    const second = await redirectTo(at('c.test', last));
    const first = await redirectTo(at('b.test', second));

    expect(textOf(await ask(clientOf(['a.test', 'b.test', 'c.test']), at('a.test', first)))).toBe(
      `c.test:${last.port}`,
    );
  });

  it('does not follow one to a host that is not', async () => {
    let asked = 0;
    const last = await serve((_, response) => {
      asked++;
      response.end();
    });
    const second = await redirectTo(at('c.test', last, '/secret'));
    const first = await redirectTo(at('b.test', second));

    await expect(ask(clientOf(['a.test', 'b.test']), at('a.test', first, '/?token=1'))).rejects.toMatchObject(
      {
        code: 'denied',
        message: `HTTP request to "http://a.test:${first.port}/" is not allowed (it leads to "c.test", and no allowedHosts match that)`,
        hint: 'Add "c.test" to the allowed hosts.',
      },
    );
    expect(asked).toBe(0);
  });

  it.each(['127.0.0.1', 'localhost', '2130706433', '[::ffff:7f00:1]', 'private.test'])(
    'does not follow one to %s because a pattern matches it',
    async (host) => {
      let asked = 0;
      const last = await serve((_, response) => {
        asked++;
        response.end();
      });
      const first = await redirectTo(at(host, last));

      await expect(ask(clientOf(['a.test', '*']), at('a.test', first))).rejects.toMatchObject({
        code: 'denied',
        message: expect.stringMatching(/ (has|is) no public address$/),
      });
      expect(asked).toBe(0);
    },
  );

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'DELETE', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [301, 'PUT', 'PUT', 'body'],
    [302, 'PATCH', 'PATCH', 'body'],
    [307, 'POST', 'POST', 'body'],
    [308, 'POST', 'POST', 'body'],
    [308, 'DELETE', 'DELETE', 'body'],
  ])('turns %i of a %s into a %s', async (status, method, then, body) => {
    const told: unknown[] = [];
    const url = await serve(async (request, response) => {
      if (request.url === '/') return response.writeHead(status, { location: '/there' }).end();
      told.push([
        request.method,
        request.headers['content-type'],
        request.headers['x-own'],
        await bodyOf(request),
      ]);
      return response.end();
    });
    const headers = { 'Content-Type': 'text/plain', 'X-Own': 'a' };
    await ask(clientOf(['127.0.0.1']), url, { method, headers, body: Buffer.from('body') });

    expect(told).toEqual([[then, method === then ? 'text/plain' : undefined, 'a', body]]);
  });

  it('keeps credentials within the origin, also those of the URL', async () => {
    const last = await serve(tell);
    const away = await redirectTo(at('b.test', last, '/away'));
    const home = await redirectTo('/home');
    const client = clientOf(['a.test', 'b.test']);
    const headers = { Cookie: 'a=b', 'Proxy-Authorization': 'Basic s', 'X-Own': 'kept' };
    const seen = async (url: URL): Promise<unknown[]> => {
      const told = JSON.parse(textOf(await ask(client, at('user:secret@a.test', url), { headers })));
      return [
        told.headers.authorization,
        told.headers.cookie,
        told.headers['proxy-authorization'],
        told.headers['x-own'],
      ];
    };

    expect(await seen(home)).toEqual(['Basic dXNlcjpzZWNyZXQ=', 'a=b', 'Basic s', 'kept']);
    expect(await seen(away)).toEqual([undefined, undefined, undefined, 'kept']);
  });

  it('takes no credentials from a location', async () => {
    const last = await serve(tell);
    const first = await redirectTo(at('user:secret@b.test', last));
    const told = JSON.parse(textOf(await ask(clientOf(['a.test', 'b.test']), at('a.test', first))));

    expect(told.headers.authorization).toBeUndefined();
  });

  it('follows ten and not an eleventh', async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('arrived');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const client = clientOf(['127.0.0.1']);

    expect(textOf(await ask(client, new URL('/10', url)))).toBe('arrived');
    await expect(ask(client, new URL('/11', url))).rejects.toMatchObject({
      code: 'unavailable',
      message: `${url.href}11 redirects more than 10 times`,
    });
  });

  it.each(['file:///etc/passwd', 'data:,x', 'ftp://a.test/'])(
    'does not leave HTTP for %s',
    async (location) => {
      const url = await redirectTo(location);

      await expect(ask(clientOf(['a.test', '']), at('a.test', url))).rejects.toMatchObject({
        code: 'unsupported',
      });
    },
  );

  it('follows as many as a request says', async () => {
    const last = await serve((_, response) => void response.end('there'));
    const second = await redirectTo(at('b.test', last));
    const first = await redirectTo(at('b.test', second));
    const client = clientOf(['127.0.0.1', 'b.test']);
    expect(textOf(await ask(client, first, { redirects: 2 }))).toBe('there');
    await expect(ask(client, first, { redirects: 1 })).rejects.toMatchObject({
      code: 'unavailable',
      message: `${first.href} redirects more than 1 times`,
    });
    await expect(ask(client, first, { redirects: 0 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gives the redirect itself where a request says so', async () => {
    const first = await redirectTo('http://not-allowed.test/');
    const answer = await ask(clientOf(['127.0.0.1']), first, { redirects: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://not-allowed.test/']);
  });

  it('hangs up on a redirect whose body never ends', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const url = await serve((request, response) => {
      if (request.url === '/there') return response.end('x');
      response.on('close', resolve);
      response.writeHead(302, { location: '/there', 'content-encoding': 'gzip' });
      return response.write('x'.repeat(100_000));
    });

    expect(textOf(await ask(clientOf(['127.0.0.1']), url, { timeoutMs: 600_000 }))).toBe('x');
    await closed;
  });
});

describe('a client with a fetch of its own', () => {
  function recorder(answer: (url: string) => Response): { send: typeof fetch; asked: unknown[] } {
    const asked: unknown[] = [];
    const send: typeof fetch = async (input, init) => {
      asked.push([init?.method, String(input), init?.headers, init?.body]);
      return answer(String(input));
    };
    return { send, asked };
  }

  it('asks by it, under the same rules', async () => {
    const { send, asked } = recorder((url) =>
      url === 'http://a.test/'
        ? new Response(null, { status: 307, headers: { location: 'http://b.test/' } })
        : new Response('x'),
    );
    const client = clientOf(['*.test'], { fetch: send });
    const request = { method: 'post', headers: { Authorization: 'Bearer t', Host: 'c.test' }, body: 'ab' };

    expect(textOf(await ask(client, 'http://a.test/', request))).toBe('x');
    expect(asked).toEqual([
      ['POST', 'http://a.test/', { authorization: 'Bearer t' }, 'ab'],
      ['POST', 'http://b.test/', {}, 'ab'],
    ]);
    await expect(ask(client, 'http://b.test/', { maxBytes: 0 })).rejects.toMatchObject({ code: 'limit' });
  });

  it.each<[string, typeof fetch]>([
    ['never answers', () => new Promise(() => undefined)],
    [
      'never ends its answer',
      async () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) })),
    ],
  ])('does not wait for one that %s and does not look at the signal', async (_, send) => {
    const client = clientOf(['a.test'], { fetch: send });

    await expect(ask(client, 'http://a.test/', { timeoutMs: 30 })).rejects.toMatchObject({ code: 'timeout' });
    const slow = ask(client, 'http://a.test/');
    await Promise.all([expect(slow).rejects.toMatchObject({ code: 'canceled' }), client.close()]);
  });

  it('gives it nothing that fetch refuses', async () => {
    const { send, asked } = recorder(() => new Response('x'));
    await ask(clientOf(['a.test'], { fetch: send }), 'http://user:secret@a.test/', { body: 'ab' });

    expect(asked).toEqual([
      ['GET', 'http://a.test/', { authorization: 'Basic dXNlcjpzZWNyZXQ=' }, undefined],
    ]);
  });

  it.each([
    ['http://b.test/', 'it leads to "b.test", and no allowedHosts match that'],
    ['http://10.0.0.1/', 'it leads to "10.0.0.1", and no allowedHosts match that'],
  ])('follows no redirect to %s, which is not allowed', async (location, why) => {
    const { send, asked } = recorder(() => new Response(null, { status: 302, headers: { location } }));

    await expect(ask(clientOf(['a.test'], { fetch: send }), 'http://a.test/')).rejects.toMatchObject({
      code: 'denied',
      message: `HTTP request to "http://a.test/" is not allowed (${why})`,
    });
    expect(asked).toHaveLength(1);
  });

  it.each(['http://127.0.0.1/', 'http://[::1]/', 'http://0x7f.1/'])(
    'does not ask %s because a pattern matches it',
    async (href) => {
      const { send, asked } = recorder(() => new Response('x'));

      await expect(ask(clientOf(['*'], { fetch: send }), href)).rejects.toMatchObject({
        code: 'denied',
        message: expect.stringMatching(/ is no public address$/),
      });
      expect(asked).toEqual([]);
      expect(textOf(await ask(clientOf(['127.0.0.1', '::1'], { fetch: send }), href))).toBe('x');
    },
  );
});

describe('a client and TLS', () => {
  function trustOurs(): void {
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, CERTIFICATE]);
    onTestFinished(() => setDefaultCACertificates(before));
  }

  it('trusts no server that it does not know', async () => {
    const url = await serveTls(KEY, CERTIFICATE, (_, response) => response.end('x'));

    await expect(ask(clientOf(['secure.test']), at('secure.test', url))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^GET https:\/\/secure\.test:\d+\/ failed: self-signed certificate/),
    });
  });

  it('knows a server by the name that was asked for, not by its address', async () => {
    trustOurs();
    const url = await serveTls(KEY, CERTIFICATE, (_, response) => response.end('x'));
    const client = clientOf(['secure.test', 'other.test']);

    expect(textOf(await ask(client, at('secure.test', url)))).toBe('x');
    await expect(ask(client, at('other.test', url))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining("Host: other.test. is not in the cert's altnames"),
    });
  });

  it('follows no redirect from https to http', async () => {
    trustOurs();
    let asked = 0;
    const plain = await serve((_, response) => {
      asked++;
      response.end();
    });
    const location = at('b.test', plain);
    const url = await serveTls(KEY, CERTIFICATE, (_, response) =>
      response.writeHead(307, { location }).end(),
    );

    await expect(ask(clientOf(['secure.test', 'b.test']), at('secure.test', url))).rejects.toMatchObject({
      code: 'denied',
      message: `HTTP request to "https://secure.test:${url.port}/" is not allowed (it leads from https to http at "b.test")`,
    });
    expect(asked).toBe(0);
  });
});

describe('a client and what a server sends', () => {
  it.each([
    ['gzip', gzipSync],
    ['X-GZIP', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ])('decodes %s, and says nothing of it', async (encoding, encode) => {
    const bytes = encode(Buffer.from('x'.repeat(100_000)));
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': bytes.length }).end(bytes),
    );
    const answer = await ask(clientOf(['127.0.0.1']), url);

    expect(textOf(answer)).toBe('x'.repeat(100_000));
    expect([answer.headers.get('content-encoding'), answer.headers.get('content-length')]).toEqual([
      null,
      null,
    ]);
  });

  it('stops a body that swells at the cap', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const url = await serve((_, response) => {
      response.on('close', resolve);
      response.writeHead(200, { 'content-encoding': 'gzip' }).write(bomb);
    });
    const before = process.memoryUsage().arrayBuffers;

    await expect(ask(clientOf(['127.0.0.1']), url, { maxBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'limit',
      message: `the answer of ${url.href} is larger than 1000000 bytes`,
    });
    await closed;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  it('takes a body of exactly the cap, decoded', async () => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000))),
    );
    const client = clientOf(['127.0.0.1']);

    expect((await ask(client, url, { maxBytes: 1_000 })).bytes).toHaveLength(1_000);
    await expect(ask(client, url, { maxBytes: 999 })).rejects.toMatchObject({ code: 'limit' });
  });

  it.each([
    ['that ends early', gzipSync('x'.repeat(100_000)).subarray(0, 60), 'unexpected end of file'],
    ['that is none', Buffer.from('no gzip at all'), 'incorrect header check'],
  ])('takes no part of an encoded body for all of it: one %s', async (_, bytes, reason) => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bytes.length }).end(bytes),
    );

    await expect(ask(clientOf(['127.0.0.1']), url)).rejects.toMatchObject({
      code: 'unavailable',
      message: `GET ${url.href} failed: ${reason}`,
    });
  });

  it.each([
    ['of a length that never came', ['content-length: 100\r\n\r\n', 'short']],
    ['in chunks without the last one', ['transfer-encoding: chunked\r\n\r\n', '5\r\nshort\r\n']],
  ])('takes no part of a body for all of it: one %s', async (_, parts) => {
    const url = await serveBytes('HTTP/1.1 200 OK\r\n', ...parts);

    await expect(ask(clientOf(['127.0.0.1']), url)).rejects.toMatchObject({
      code: 'unavailable',
      message: `GET ${url.href} failed: other side closed`,
    });
  });

  it.each([
    ['compress', 'x'],
    ['gzip, gzip', 'x'],
  ])('refuses the encoding %s', async (encoding, body) => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(body),
    );

    await expect(ask(clientOf(['127.0.0.1']), url)).rejects.toMatchObject({
      code: 'unsupported',
      message: `the answer of ${url.href} is encoded as ${encoding}, which was not asked for`,
    });
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('looks for no encoded body where there is none: %s, %i', async (method, status) => {
    const url = await serve((_, response) =>
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(),
    );
    const answer = await ask(clientOf(['127.0.0.1']), url, { method });

    expect([answer.status, answer.bytes, answer.headers.get('content-encoding')]).toEqual([
      status,
      new Uint8Array(0),
      'gzip',
    ]);
  });

  it('takes an encoded body of no length', async () => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 0 }).end(),
    );

    expect((await ask(clientOf(['127.0.0.1']), url)).bytes).toHaveLength(0);
  });

  it.each([
    ['one that is long', [`x: ${'a'.repeat(20_000)}\r\n`]],
    ['many short ones', ['a:b\r\n'.repeat(20_000)]],
    ['trailers', ['transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n', 'a:b\r\n'.repeat(20_000)]],
  ])('takes no headers without end: %s', async (_, parts) => {
    const url = await serveBytes('HTTP/1.1 200 OK\r\n', ...parts, '\r\n');

    await expect(ask(clientOf(['127.0.0.1']), url)).rejects.toMatchObject({
      code: 'unavailable',
      message: `GET ${url.href} failed: Headers Overflow Error`,
    });
  });

  it('says that nobody listens', async () => {
    const url = await deadPort();

    await expect(ask(clientOf(['127.0.0.1']), url)).rejects.toMatchObject({
      code: 'unavailable',
      message: `GET ${url.href} failed: connect ECONNREFUSED ${url.host}`,
      hint: 'Check that the server runs and can be reached from here.',
    });
  });

  it('says that a name cannot be resolved', async () => {
    const resolve: Resolve = () => Promise.reject(new Error('getaddrinfo ENOTFOUND a.test'));

    await expect(ask(clientOf(['a.test'], { resolve }), 'http://a.test/')).rejects.toMatchObject({
      code: 'unavailable',
      message: 'GET http://a.test/ failed: getaddrinfo ENOTFOUND a.test',
    });
  });
});

describe('a client and the end of a request', () => {
  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['stops in the middle of the body', (_, response) => response.writeHead(200).write('x')],
    [
      'drips its body for ever',
      (_, response) => {
        const drip = setInterval(() => response.write('x'), 10);
        response.on('close', () => clearInterval(drip));
      },
    ],
    [
      'stops in the middle of an encoded body',
      (_, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync('x').subarray(0, 12)),
    ],
    [
      'redirects for ever and slowly',
      (_, response) => void setTimeout(() => response.writeHead(302, { location: '/' }).end(), 40),
    ],
  ])('is its deadline when a server %s, and the server learns of it', async (_, listener) => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const url = await serve((request, response) => {
      response.on('close', () => response.writableFinished || resolve());
      listener(request, response);
    });

    await expect(ask(clientOf(['127.0.0.1']), url, { timeoutMs: 150 })).rejects.toMatchObject({
      code: 'timeout',
      message: `GET ${url.href} took longer than 150 ms`,
    });
    await closed;
  });

  it('is its deadline when a name is never resolved', async () => {
    const resolve: Resolve = () => new Promise(() => undefined);

    await expect(
      ask(clientOf(['a.test'], { resolve }), 'http://a.test/', { timeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'timeout', message: 'GET http://a.test/ took longer than 50 ms' });
  });

  it('is its deadline when a connection is never finished', async () => {
    // It speaks TCP, but no TLS.
    const server = createTcpServer((socket) => socket.on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };

    await expect(
      ask(clientOf(['a.test']), `https://a.test:${port}/`, { timeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is its cancellation, and its connection is closed', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const controller = new AbortController();
    const url = await serve((_, response) => {
      response.on('close', resolve);
      response.write('x');
      controller.abort();
    });

    await expect(ask(clientOf(['127.0.0.1']), url, { signal: controller.signal })).rejects.toMatchObject({
      code: 'canceled',
      message: `GET ${url.href} was canceled`,
    });
    await closed;
  });

  it('connects to nobody when it was canceled before', async () => {
    let resolved = 0;
    const resolve: Resolve = async () => {
      resolved++;
      return [];
    };
    const client = clientOf(['a.test'], { resolve });

    await expect(ask(client, 'http://a.test/', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'canceled',
    });
    expect(resolved).toBe(0);
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
    const client = clientOf(['127.0.0.1']);
    for (let round = 0; round < 20; round++) await ask(client, url, { signal });

    expect(listeners).toBe(0);
  });
});

describe('a client that is closed', () => {
  it('takes no more requests', async () => {
    const client = clientOf(['a.test']);
    await client.close();

    await expect(ask(client, 'http://a.test/')).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the HTTP client is closed',
    });
  });

  it('cancels what is under way and closes every connection, used or not', async () => {
    const sockets = new Set<unknown>();
    const started = Promise.withResolvers<void>();
    const url = await serve((request, response) => {
      sockets.add(request.socket);
      request.socket.once('close', () => sockets.delete(request.socket));
      if (request.url === '/quick') response.end();
      else started.resolve();
    });
    const client = clientOf(['127.0.0.1']);
    const slow = ask(client, url);
    await started.promise;
    await ask(client, new URL('/quick', url));
    expect(sockets.size).toBe(2);
    await Promise.all([
      expect(slow).rejects.toMatchObject({ code: 'canceled', message: `GET ${url.href} was canceled` }),
      client.close(),
    ]);

    await expect.poll(() => sockets.size).toBe(0);
  });

  it('waits for what is under way as long as it was told', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<() => void>();
    const url = await serve((_, response) => resolve(() => response.end('x')));
    const client = clientOf(['127.0.0.1']);
    const slow = ask(client, url);
    const answer = await asked;
    const closed = client.close({ drainMs: 600_000 });
    answer();

    expect(textOf(await slow)).toBe('x');
    await closed;
  });

  it('waits no longer when it is told so again', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const url = await serve(() => resolve());
    const client = clientOf(['127.0.0.1']);
    const slow = ask(client, url);
    await asked;
    const patient = client.close({ drainMs: 600_000 });
    await Promise.all([expect(slow).rejects.toMatchObject({ code: 'canceled' }), patient, client.close()]);
  });
});
