import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ARTIFACT_MAX_BYTES } from '@plugbay/core';
import { describe, expect, it, vi } from 'vitest';
import { failureOf } from '../../../test/open.ts';
import { parseManifest } from './manifest.ts';
import { loadModules, type ModuleLoading } from './manifest-load.ts';

const BYTES = Buffer.from('\0asm\x01\0\0\0', 'latin1');
const HASH = createHash('sha256').update(BYTES).digest('hex');
const URL_ENTRY = { url: 'https://example.com/a.wasm?token=secret' };

async function load(wasm: object[], loading?: ModuleLoading): Promise<[name: string, bytes: Uint8Array][]> {
  const modules = await loadModules(parseManifest({ wasm }), loading);
  return modules.map(({ name, bytes }) => [name, bytes]);
}

async function failing(wasm: object[], loading?: ModuleLoading): Promise<[string, string]> {
  const { code, message } = await failureOf(() => load(wasm, loading));
  return [code, message];
}

const answer =
  (body: string | ReadableStream | null, init: ResponseInit = {}): typeof fetch =>
  async () =>
    new Response(body, init);

describe('loading the modules of a manifest', () => {
  it('reads, decodes and fetches, in their order', async () => {
    const read = vi.fn(async () => Buffer.from('file'));
    const asked: unknown[] = [];
    const fetchAndKeep: typeof fetch = async (url, init) => {
      asked.push([url, init]);
      return new Response('fetched');
    };
    const wasm = [
      { path: '/srv/plugin.wasm', name: 'a' },
      { data: BYTES.toString('base64'), name: 'b', hash: HASH },
      { ...URL_ENTRY, headers: { 'x-a': 'b' }, method: 'post' },
    ];
    const loaded = await load(wasm, { readFile: read, fetch: fetchAndKeep });
    expect(loaded.map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')])).toEqual([
      ['a', 'file'],
      ['b', BYTES.toString('latin1')],
      ['main', 'fetched'],
    ]);
    expect(read.mock.calls).toEqual([['/srv/plugin.wasm', ARTIFACT_MAX_BYTES]]);
    expect(asked).toEqual([[URL_ENTRY.url, { method: 'POST', headers: { 'x-a': 'b' } }]]);
  });

  it('works with a real file and a real server', async () => {
    const path = fileURLToPath(import.meta.url);
    const server = createServer((_, response) => response.end(BYTES));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.wasm`;
      const loading = { readFile: (file: string) => readFile(file), fetch };
      const loaded = await load(
        [
          { path, name: 'file' },
          { url, hash: HASH },
        ],
        loading,
      );
      expect(loaded.map(([, bytes]) => bytes.length)).toEqual([(await readFile(path)).length, BYTES.length]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('neither reads nor fetches by itself', async () => {
    expect(await failing([{ path: 'a' }])).toEqual([
      'unsupported',
      'Extism manifest: wasm[0]: no files are read here',
    ]);
    expect(await failing([{ data: '', name: 'a' }, URL_ENTRY])).toEqual([
      'unsupported',
      'Extism manifest: wasm[1]: nothing is fetched here',
    ]);
  });

  it.each([
    ['of other bytes', 'f'.repeat(64)],
    ['in upper case', HASH.toUpperCase()],
    ['that is none', 'not a hash'],
  ])('refuses a hash %s', async (_, hash) => {
    expect(await failing([{ data: BYTES, hash }])).toEqual([
      'integrity',
      `Hash mismatch, found ${HASH} but expected ${hash}`,
    ]);
  });

  it('hashes exactly the bytes of a view', async () => {
    const larger = Buffer.concat([Buffer.alloc(5, 1), BYTES, Buffer.alloc(5, 1)]);
    const [loaded] = await load([{ data: larger.subarray(5, 13), hash: HASH }]);
    expect(loaded?.[1].length).toBe(8);
  });

  it('refuses files and answers that are too large, without taking all of them', async () => {
    const tooLarge = [
      'limit',
      `Extism manifest: wasm[0] has more than the ${ARTIFACT_MAX_BYTES} bytes that a module may have`,
    ];
    const large = new Uint8Array(ARTIFACT_MAX_BYTES + 1);
    expect(await failing([{ path: 'a' }], { readFile: async () => large })).toEqual(tooLarge);
    let canceled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
      cancel: () => {
        canceled = true;
      },
    });
    expect(await failing([URL_ENTRY], { fetch: answer(endless) })).toEqual(tooLarge);
    expect(canceled).toBe(true);
  });

  it('says what a server answered instead, without what may be secret', async () => {
    expect(await failing([URL_ENTRY], { fetch: answer('no', { status: 404 }) })).toEqual([
      'unavailable',
      'Extism manifest: wasm[0]: https://example.com/a.wasm answered 404',
    ]);
    const cause = new TypeError('fetch failed');
    const error = await failureOf(() => load([URL_ENTRY], { fetch: () => Promise.reject(cause) }));
    expect([error.code, error.message, error.cause]).toEqual([
      'unavailable',
      'Extism manifest: wasm[0]: https://example.com/a.wasm: fetch failed',
      cause,
    ]);
  });

  it('takes an answer without a body for no bytes', async () => {
    expect(await load([URL_ENTRY], { fetch: answer(null) })).toEqual([['main', Buffer.alloc(0)]]);
  });

  it('ends when it is canceled, before and while it fetches', async () => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const hanging: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        controller.abort(reason);
      });
    for (const _ of ['while', 'before']) {
      const loading = { fetch: hanging, signal: controller.signal };
      const error = await failureOf(() => load([URL_ENTRY], loading));
      expect([error.code, error.message, error.cause]).toEqual([
        'canceled',
        'loading the modules was canceled',
        reason,
      ]);
    }
  });

  it('passes on what reading a file throws', async () => {
    const cause = new Error('ENOENT');
    expect(await failureOf(() => load([{ path: 'a' }], { readFile: () => Promise.reject(cause) }))).toBe(
      cause,
    );
  });
});
