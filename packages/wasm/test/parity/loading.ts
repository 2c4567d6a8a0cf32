// What a plugin can be made of, and what can be asked of it without a call.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { guest } from '../guests/catalogue.ts';
import { compiled, manifestOf } from './modules.ts';
import { type Implementation, type ParityCase, rejectionOf, withPlugin } from './peer.ts';

const COUNTED = { count: 3, total: 3, vowels: 'aeiouAEIOU' };

async function counts(implementation: Implementation, manifest: unknown): Promise<void> {
  await withPlugin(implementation, manifest, {}, async (plugin) => {
    const output = await plugin.call('count_vowels', 'hello world');
    expect(output?.json()).toEqual(COUNTED);
  });
}

/** Serves the same answer to every request while `act` runs. */
async function serving(
  contentType: string,
  body: Uint8Array | string,
  act: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', contentType);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A file with the guest that counts vowels, while `act` runs. */
async function inFile(act: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parity-'));
  try {
    const path = join(folder, 'count-vowels.wasm');
    await writeFile(path, await guest('count-vowels'));
    await act(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The cases. */
export const LOADING: readonly ParityCase[] = [
  {
    number: 1,
    title: 'loads a module and provides lookups',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('count-vowels'), {}, async (plugin) => {
        expect(await plugin.functionExists('count_vowels')).toBe(true);
        expect(await plugin.functionExists('count_sheep')).toBe(false);
      }),
  },
  {
    number: 2,
    title: 'loads a WebAssembly.Module',
    run: async (implementation) => counts(implementation, await compiled('count-vowels')),
  },
  {
    number: 3,
    title: 'loads a WebAssembly.Module from a manifest',
    run: async (implementation) =>
      counts(implementation, { wasm: [{ module: await compiled('count-vowels') }] }),
  },
  {
    number: 4,
    title: 'fails if it is given a module and a hash',
    run: async ({ createPlugin }) => {
      const wasm = [{ module: await compiled('count-vowels'), hash: '0'.repeat(64) }];
      const error = await rejectionOf(() => createPlugin({ wasm }));
      expect(error.message).toBe(
        'Item specified a hash but WebAssembly.Module source data is unavailable for hashing',
      );
    },
  },
  {
    number: 5,
    title: 'loads a fetch Response, also one that is still to come',
    run: async (implementation) => {
      const headers = { 'content-type': 'application/wasm' };
      const response = async (): Promise<Response> => new Response(await guest('count-vowels'), { headers });
      await counts(implementation, response());
      await counts(implementation, await response());
    },
  },
  {
    number: 6,
    title: 'loads a plugin from a URL and checks its hash',
    run: async (implementation) => {
      const bytes = await guest('count-vowels');
      await serving('application/wasm', bytes, (url) =>
        counts(implementation, { wasm: [{ url, hash: sha256(bytes) }] }),
      );
    },
  },
  {
    number: 7,
    title: 'fails on a hash that is none',
    run: async ({ createPlugin }) => {
      const wasm = [{ data: await guest('count-vowels'), hash: 'not a hash' }];
      expect((await rejectionOf(() => createPlugin({ wasm }))).message).toMatch(/hash mismatch/);
    },
  },
  {
    number: 8,
    title: 'fails on the hash of something else',
    run: async ({ createPlugin }) => {
      const data = await guest('count-vowels');
      const wasm = [{ data, hash: sha256(Uint8Array.of(1)) }];
      expect((await rejectionOf(() => createPlugin({ wasm }))).message).toBe(
        `Plugin error: hash mismatch. Expected: ${sha256(Uint8Array.of(1))}. Actual: ${sha256(data)}`,
      );
    },
  },
  {
    number: 9,
    title: 'exposes exports and imports by name',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('hello'), {}, async (plugin) => {
        expect((await plugin.getExports()).map(({ name, kind }) => [name, kind])).toEqual([
          ['hello', 'function'],
          ['memory', 'memory'],
        ]);
        const imports = await plugin.getImports();
        expect(new Set(imports.map(({ module }) => module))).toEqual(new Set(['extism:host/env']));
        expect(imports.map(({ name }) => name).sort()).toEqual([
          'alloc',
          'output_set',
          'store_u64',
          'store_u8',
        ]);
      }),
  },
  {
    title: 'loads an ArrayBuffer',
    run: async (implementation) => counts(implementation, (await guest('count-vowels')).buffer),
  },
  {
    title: 'loads bytes that are part of a larger buffer',
    run: async (implementation) => {
      const bytes = await guest('count-vowels');
      const larger = new Uint8Array(bytes.length + 100);
      larger.set(bytes, 60);
      await counts(implementation, { wasm: [{ data: larger.subarray(60, 60 + bytes.length) }] });
    },
  },
  {
    title: 'loads a path, also from a JSON manifest',
    run: (implementation) =>
      inFile(async (path) => {
        await counts(implementation, path);
        await counts(implementation, { wasm: [{ path }] });
        await counts(implementation, JSON.stringify({ wasm: [{ path }] }));
      }),
  },
  {
    title: 'loads a URL of a module, and one of a manifest',
    run: async (implementation) => {
      await serving('application/octet-stream', await guest('count-vowels'), async (url) => {
        await counts(implementation, url);
        await counts(implementation, new URL(url));
      });
      await inFile((path) =>
        serving('application/json; charset=utf-8', JSON.stringify({ wasm: [{ path }] }), (url) =>
          counts(implementation, url),
        ),
      );
    },
  },
  {
    title: 'refuses a URL of something else, and a manifest without modules',
    run: async ({ createPlugin }) => {
      await serving('text/html', '<html></html>', async (url) => {
        const error = await rejectionOf(() => createPlugin(url));
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toContain('got "text/html"');
      });
      for (const manifest of [{}, { wasm: 'x' }, { wasm: [{}] }])
        expect(await rejectionOf(() => createPlugin(manifest))).toBeInstanceOf(TypeError);
    },
  },
  {
    title: 'gives access to the instance',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('hello'), {}, async (plugin) => {
        expect(Object.keys((await plugin.getInstance()).exports)).toEqual(['hello', 'memory']);
      }),
  },
  {
    title: 'takes configuration from the options before the manifest',
    run: async (implementation) => {
      const manifest = { ...(await manifestOf('config')), config: { thing: 'of the manifest' } };
      const read = async (config?: Record<string, string>): Promise<string | undefined> =>
        withPlugin(implementation, manifest, config === undefined ? {} : { config }, async (plugin) =>
          (await plugin.call('run_test', 'thing'))?.text(),
        );
      expect(await read()).toBe('of the manifest');
      expect(await read({ thing: 'of the options' })).toBe('of the options');
    },
  },
];
