// HTTP of a plugin that the app opened by itself, against a real server.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExtismPluginOptions } from '@plugbay/wasm/extism';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../../../test/open.ts';
import { manifestOf } from '../../../test/parity/modules.ts';
import { PLACES } from '../../../test/places.ts';

describe.each(PLACES)('$name', ({ create }) => {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/silent') return;
      response.end(`${request.method} ${request.url}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  async function get(
    options: ExtismPluginOptions,
    path = '/',
    host = '127.0.0.1',
  ): Promise<string | undefined> {
    const plugin = await create(await manifestOf('http'), options);
    try {
      return (
        await plugin.call('http_get', JSON.stringify({ url: `http://${host}:${port}${path}` }))
      )?.text();
    } finally {
      await plugin.close();
    }
  }

  describe('a host', () => {
    it('that is named may be private', async () => {
      expect(await get({ allowedHosts: ['127.0.0.1'] }, '/x?y=1')).toBe('GET /x?y=1');
      expect(await get({ allowedHosts: ['localhost'] }, '/', 'localhost')).toBe('GET /');
    });

    it('that only a pattern matches may not', async () => {
      for (const host of ['127.0.0.1', 'localhost']) {
        const error = await failureOf(() => get({ allowedHosts: ['*'] }, '/', host));
        expect(error.code).toBe('denied');
        expect(error.message).toMatch(/^Call error: .*no public address/);
      }
    });

    it('is asked nothing by plugins without allowed hosts, and the error leaves out what may be secret', async () => {
      const error = await failureOf(() => get({}, '/path?token=secret'));
      expect([error.code, error.message]).toEqual([
        'denied',
        `Call error: HTTP request to "http://127.0.0.1:${port}/path" is not allowed (no allowedHosts match "127.0.0.1")`,
      ]);
    });
  });

  describe('an answer', () => {
    it('that is too large fails the call, and 0 is no limit', async () => {
      const allowedHosts = ['127.0.0.1'];
      const error = await failureOf(() => get({ allowedHosts, memory: { maxHttpResponseBytes: 4 } }));
      expect(error.code).toBe('limit');
      expect(await get({ allowedHosts, memory: { maxHttpResponseBytes: 5 } })).toBe('GET /');
      expect(await get({ allowedHosts, memory: { maxHttpResponseBytes: 0 } })).toBe('GET /');
    });

    it('that never comes ends with the time of the call', async () => {
      const error = await failureOf(() => get({ allowedHosts: ['127.0.0.1'], timeoutMs: 500 }, '/silent'));
      expect(error.message).toBe('EXTISM: call canceled due to timeout');
    });

    it('that never comes ends when the plugin is closed', async () => {
      const plugin = await create(await manifestOf('http'), { allowedHosts: ['127.0.0.1'] });
      const request = JSON.stringify({ url: `http://127.0.0.1:${port}/silent` });
      const asked = once(server, 'request');
      const call = failureOf(() => plugin.call('http_get', request));
      await asked;
      await plugin.close();
      expect(await call).toMatchObject({ code: 'canceled', message: 'the plugin was closed' });
    });
  });
});
