import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HostCall, rootInvocation } from '@plugbay/core';
import { decodeHttpReply, encodeHttpRequest } from '@plugbay/io/http-call';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Router } from '../router.ts';
import { type HttpCapability, type HttpCapabilityOptions, httpCapability } from './http.ts';

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

function capabilityOf(options: HttpCapabilityOptions): HttpCapability {
  const http = httpCapability(options);
  onTestFinished(() => http.close());
  return http;
}

const callOf = (url: string | URL): HostCall => ({
  link: 'plugbay',
  namespace: 'http',
  operation: 'request',
  payload: encodeHttpRequest({ url }),
  invocation: rootInvocation('9m4e2mr0ui3e8a215n4g'),
  signal: new AbortController().signal,
});
const caller = (tenant: string): { tenant: string; plugin: string } => ({ tenant, plugin: 'demo' });
const GRANTED = [{ capability: 'http' }];

describe('the capability http', () => {
  it('answers http.request through a door that it is granted to', async () => {
    const url = await serve((_, response) => response.writeHead(404, { 'x-own': 'a' }).end('none'));
    const router = new Router().register(capabilityOf({ allowedHosts: ['127.0.0.1'] }));
    const door = router.door(caller('acme'), GRANTED);

    expect(door.mode('http', 'request')).toBe('async');
    const { status, headers, body } = decodeHttpReply((await door.call(callOf(url))).bytes);
    expect([status, headers?.['x-own'], Buffer.from(body).toString()]).toEqual([404, 'a', 'none']);
    await expect(router.door(caller('acme'), []).call(callOf(url))).rejects.toMatchObject({
      code: 'denied',
      message: 'http.request is not granted to this plugin',
    });
  });

  it('asks allowed hosts only, and private ones only by their names', async () => {
    const url = await serve((_, response) => response.end('x'));
    const codeOf = async (allowedHosts: string[], host: string): Promise<unknown> => {
      const resolve: HttpCapabilityOptions['resolve'] = async () => [{ address: '127.0.0.1', family: 4 }];
      const http = capabilityOf({ allowedHosts, resolve });
      const answer = http.answer(callOf(`http://${host}:${url.port}/`), caller('acme'));
      return answer.then(
        () => 'answered',
        (error: { code: unknown }) => error.code,
      );
    };

    expect(await codeOf([], 'a.test')).toBe('denied');
    expect(await codeOf(['b.test'], 'a.test')).toBe('denied');
    expect(await codeOf(['a.test'], 'a.test')).toBe('answered');
    expect(await codeOf(['*.test', '*'], 'a.test')).toBe('denied');
    expect(await codeOf(['*.test', 'a.test'], 'a.test')).toBe('answered');
  });

  it('keeps its limits', async () => {
    const url = await serve((_, response) => response.end('12345'));
    const http = capabilityOf({ allowedHosts: ['127.0.0.1'], maxResponseBytes: 4 });

    await expect(http.answer(callOf(url), caller('acme'))).rejects.toMatchObject({
      code: 'limit',
      message: `the answer of ${url.href} is larger than 4 bytes`,
    });
  });

  it('shares no connection between tenants', async () => {
    const ports = new Map<string, Set<number | undefined>>();
    const url = await serve((request, response) => {
      const tenant = request.url ?? '';
      ports.set(tenant, (ports.get(tenant) ?? new Set()).add(request.socket.remotePort));
      response.end();
    });
    const http = capabilityOf({ allowedHosts: ['127.0.0.1'] });
    for (let round = 0; round < 10; round++) {
      for (const tenant of ['acme', 'other'])
        await http.answer(callOf(new URL(`/${tenant}`, url)), caller(tenant));
    }

    const acme = ports.get('/acme') ?? new Set();
    const other = ports.get('/other') ?? new Set();
    expect([...acme].filter((port) => other.has(port))).toEqual([]);
    // They are used again, or the first would prove nothing.
    expect(acme.size + other.size).toBeLessThan(20);
  });

  it('ends what is under way when it is closed', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const url = await serve(() => resolve());
    const http = capabilityOf({ allowedHosts: ['127.0.0.1'] });
    const answer = http.answer(callOf(url), caller('acme'));
    await asked;
    await Promise.all([expect(answer).rejects.toMatchObject({ code: 'canceled' }), http.close()]);

    await expect(http.answer(callOf(url), caller('acme'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it.each(['http://a.test', 'a.test:80', 'a.test/', 'user@a.test', 'a b', '[::1]:80'])(
    'refuses %j, which is more than a host',
    (entry) => {
      expect(() => httpCapability({ allowedHosts: ['a.test', entry] })).toThrow(
        expect.objectContaining({
          code: 'invalid',
          message: `allowedHosts: "${entry}" is more than a host`,
          hint: 'Leave out the scheme, the port and the path.',
        }),
      );
    },
  );

  it.each(['a.test', '*', '*.a.test', '127.0.0.1', '::1', 'fd00::80', '[::1]', 'bücher.de'])(
    'takes %j',
    (entry) => {
      expect(httpCapability({ allowedHosts: [entry] }).mode).toBe('async');
    },
  );

  it('refuses a limit that is none before anybody asks', () => {
    expect(() => httpCapability({ allowedHosts: [], timeoutMs: 0 })).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: 'timeoutMs must be a positive whole number, not 0',
      }),
    );
  });
});
