// HTTP that a plugin asks for, answered by a `fetch` of the test's own.
import { expect } from 'vitest';
import { manifestOf } from './modules.ts';
import { type ParityCase, rejectionOf, withPlugin } from './peer.ts';

const TARGET = { url: 'https://api.example.com/todos/1' };
const BODY = '{"id":1,"title":"delectus aut autem"}';

interface Sent {
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

/** A fetch that answers every request alike and keeps what was asked. */
function answering(body: string, init: ResponseInit = {}): { fetch: typeof fetch; sent: Sent[] } {
  const sent: Sent[] = [];
  const answer: typeof fetch = async (input, { method, headers, body: asked } = {}) => {
    sent.push({
      url: String(input),
      method,
      headers: Object.fromEntries(new Headers(headers)),
      body: asked instanceof Uint8Array ? Buffer.from(asked).toString() : undefined,
    });
    return new Response(body, init);
  };
  return { fetch: answer, sent };
}

/** The cases. */
export const HTTP: readonly ParityCase[] = [
  {
    number: 41,
    title: 'fails when no allowed host matches',
    run: async (implementation) => {
      for (const allowedHosts of [[], ['example.com'], ['*.example.org']]) {
        const { fetch, sent } = answering(BODY);
        const options = { fetch, allowedHosts };
        await withPlugin(implementation, await manifestOf('http'), options, async (plugin) => {
          const error = await rejectionOf(() => plugin.call('http_get', JSON.stringify(TARGET)));
          expect(error.message).toBe(
            'Call error: HTTP request to "https://api.example.com/todos/1" is not allowed (no allowedHosts match "api.example.com")',
          );
        });
        expect(sent).toEqual([]);
      }
    },
  },
  {
    number: 42,
    title: 'works when the host is allowed',
    run: async (implementation) => {
      for (const allowedHosts of [['api.example.com'], ['*.example.com'], ['other.example', '*.com']]) {
        const { fetch, sent } = answering(BODY);
        const options = { fetch, allowedHosts };
        await withPlugin(implementation, await manifestOf('http'), options, async (plugin) => {
          const output = await plugin.call('http_get', JSON.stringify(TARGET));
          expect(output?.json()).toEqual({ id: 1, title: 'delectus aut autem' });
        });
        expect(sent).toEqual([{ url: TARGET.url, method: 'GET', headers: {}, body: undefined }]);
      }
    },
  },
  {
    number: 43,
    title: 'fails when the body is too large',
    run: async (implementation) => {
      const { fetch } = answering(BODY);
      const options = { fetch, allowedHosts: ['*.example.com'], memory: { maxHttpResponseBytes: 1 } };
      await withPlugin(implementation, await manifestOf('http'), options, async (plugin) => {
        await rejectionOf(() => plugin.call('http_get', JSON.stringify(TARGET)));
      });
    },
  },
  {
    number: 44,
    title: "falls back to the manifest's allowed hosts",
    run: async (implementation) => {
      const { fetch } = answering(BODY);
      const manifest = { ...(await manifestOf('http')), allowedHosts: ['*.example.com'] };
      await withPlugin(implementation, manifest, { fetch }, async (plugin) => {
        expect((await plugin.call('http_get', JSON.stringify(TARGET)))?.text()).toBe(BODY);
      });
    },
  },
  {
    title: 'sends method, headers and body, and gives a status that is not 2xx',
    run: async (implementation) => {
      const { fetch, sent } = answering('no', { status: 404 });
      const request = JSON.stringify({ ...TARGET, method: 'post', headers: { 'x-reason': 'test' } });
      const options = { fetch, allowedHosts: ['*'] };
      await withPlugin(implementation, await manifestOf('http'), options, async (plugin) => {
        expect((await plugin.call('http_post', request))?.text()).toBe('no');
        expect((await plugin.call('http_status', JSON.stringify(TARGET)))?.text()).toBe('404 404');
      });
      expect(sent[0]).toEqual({
        url: TARGET.url,
        method: 'POST',
        headers: { 'x-reason': 'test' },
        body: request,
      });
    },
  },
  {
    title: 'rejects with what fetch throws',
    run: async (implementation) => {
      const options = {
        fetch: () => Promise.reject(new Error('the cable is out')),
        allowedHosts: ['*'],
      };
      await withPlugin(implementation, await manifestOf('http'), options, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('http_get', JSON.stringify(TARGET)));
        expect(error.message).toBe('the cable is out');
      });
    },
  },
  {
    title: "shows a response's headers only where that is allowed",
    run: async (implementation) => {
      const headers = { 'content-type': 'text/plain', 'X-One': '1' };
      const headersSeen = async (allowHttpResponseHeaders: boolean): Promise<string | undefined> => {
        const { fetch } = answering(BODY, { headers });
        const options = { fetch, allowedHosts: ['*'], allowHttpResponseHeaders };
        return withPlugin(implementation, await manifestOf('http-headers'), options, async (plugin) =>
          (await plugin.call('http_get', JSON.stringify(TARGET)))?.text(),
        );
      };
      expect(await headersSeen(false)).toBe('none');
      expect(JSON.parse((await headersSeen(true)) ?? '')).toEqual({
        'content-type': 'text/plain',
        'x-one': '1',
      });
    },
  },
];
