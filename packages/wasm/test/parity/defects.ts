// What the SDK gets wrong and a compatible host has to get right, each with a demonstration of what the SDK does instead.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guest } from '../guests/catalogue.ts';
import { linked, manifestOf, word } from './modules.ts';
import {
  DEAF,
  type Implementation,
  type PeerContext,
  type PeerOutput,
  type PeerPlugin,
  rejectionOf,
  withPlugin,
} from './peer.ts';

/** One thing that the SDK gets wrong. */
export interface Defect {
  /** Its number in the list of known defects; those without one were found here. */
  readonly number?: number;
  readonly title: string;
  /** What has to hold instead. */
  readonly run: (implementation: Implementation) => Promise<void>;
  /** What the SDK does. Absent where that would be dear, or is about another version. */
  readonly sdk?: (sdk: Implementation) => Promise<void>;
}

const PAGE = 65_536;

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'defects-'));
  try {
    await writeFile(join(folder, 'test.txt'), 'hello world!');
    await act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a function of the guest `answers` answers or rejects with. */
async function answerOf(
  implementation: Implementation,
  name: string,
  input?: string | Uint8Array,
): Promise<PeerOutput | null | Error> {
  return withPlugin(implementation, await manifestOf('answers'), {}, (plugin) =>
    plugin.call(name, input).catch((error: Error) => error),
  );
}

async function loopsForAsLongAs(implementation: Implementation, manifest: unknown): Promise<void> {
  await withPlugin(implementation, manifest, {}, async (plugin) => {
    const error = await rejectionOf(() => plugin.call('loop_forever'));
    expect(error.message).toBe('EXTISM: call canceled due to timeout');
  });
}

async function base64Of(name: Parameters<typeof guest>[0]): Promise<string> {
  return Buffer.from(await guest(name)).toString('base64');
}

const inUser = (hello_world: (context: PeerContext, block: bigint) => unknown) => ({
  functions: { 'extism:host/user': { hello_world: hello_world as never } },
});

/** A call from the plugin's own host function, and what came of both. */
async function reentering(implementation: Implementation): Promise<[outer: unknown, inner: unknown]> {
  let inner: Promise<unknown> | undefined;
  let plugin: PeerPlugin | undefined;
  let entered = false;
  const options = inUser((context, block) => {
    if (!entered) {
      entered = true;
      inner = plugin?.call('count_vowels', 'xyz').then(
        (output) => output?.text(),
        (error: Error) => error.message,
      );
    }
    return context.store(`${context.read(block)?.string()} again`);
  });
  plugin = await implementation.createPlugin(await manifestOf('count-vowels-host'), options);
  const outer = await plugin.call('count_vowels', 'hello').then(
    (output) => output?.text(),
    (error: Error) => error.message,
  );
  const answers: [unknown, unknown] = [outer, await inner];
  await plugin.close();
  return answers;
}

/** Two calls at the same time, each of which waits in a host function and answers with its own context. */
async function overlapping(implementation: Implementation): Promise<unknown[]> {
  const options = {
    functions: {
      'extism:host/user': {
        hello_world: async (context: PeerContext) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return context.store(String(context.hostContext()));
        },
      },
    },
  };
  return withPlugin(implementation, await manifestOf('count-vowels-host'), options, (plugin) =>
    Promise.all(
      ['one', 'two'].map((own) =>
        plugin.call('count_vowels', 'hello', own).then(
          (output) => output?.text(),
          (error: Error) => error,
        ),
      ),
    ),
  );
}

/** A fetch that redirects to another host, as a real one does: by itself, unless it is told not to. */
function redirecting(): { fetch: typeof fetch; asked: string[] } {
  const asked: string[] = [];
  const answer: typeof fetch = async (input, init) => {
    asked.push(String(input));
    if (String(input) === 'https://elsewhere.example/') return new Response('secret');
    if (init?.redirect === 'manual')
      return new Response('', { status: 302, headers: { location: 'https://elsewhere.example/' } });
    return answer('https://elsewhere.example/');
  };
  return { fetch: answer, asked };
}

const REQUEST = JSON.stringify({ url: 'https://api.example.com/' });

async function get(implementation: Implementation, options: object): Promise<unknown> {
  return withPlugin(implementation, await manifestOf('http'), options, (plugin) =>
    plugin.call('http_get', REQUEST).then(
      (output) => output?.text(),
      (error: Error) => error.message,
    ),
  );
}

/** A manifest whose module is fetched with a method and a header, and what the server was asked. */
async function fetching(implementation: Implementation): Promise<[string | undefined, unknown]> {
  const bytes = await guest('hello');
  let asked: [string | undefined, unknown] = [undefined, undefined];
  const server = createServer((request, response) => {
    asked = [request.method, request.headers['x-token']];
    response.setHeader('content-type', 'application/wasm');
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const manifest = { wasm: [{ url, method: 'POST', headers: { 'x-token': 'secret' } }] };
  try {
    await withPlugin(implementation, manifest, {}, async (plugin) => {
      expect((await plugin.call('hello'))?.text()).toBe('Hello, world!');
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return asked;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function viewOf(name: Parameters<typeof guest>[0]): Promise<Uint8Array> {
  const bytes = await guest(name);
  const larger = new Uint8Array(bytes.length + 100);
  larger.set(bytes, 60);
  return larger.subarray(60, 60 + bytes.length);
}

/** The defects, in the order of the list. */
export const DEFECTS: readonly Defect[] = [
  {
    number: 1,
    title: 'a plugin that is called thousands of times without a reset goes on',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('count-vowels'), {}, async (plugin) => {
        for (let call = 0; call < 6_000; call++) await plugin.call('count_vowels', 'a');
        const output = await plugin.call('count_vowels', 'a');
        expect(output?.json()).toEqual({ count: 1, total: 6_001, vowels: 'aeiouAEIOU' });
      }),
  },
  {
    number: 3,
    title: 'a time limit of the manifest holds, in either spelling',
    run: async (implementation) => {
      const { wasm } = await manifestOf('loop-forever');
      await loopsForAsLongAs(implementation, { wasm, timeoutMs: 300 });
      await loopsForAsLongAs(implementation, { wasm, timeout_ms: 300 });
      const data = await base64Of('loop-forever');
      await loopsForAsLongAs(implementation, JSON.stringify({ wasm: [{ data }], timeout_ms: 300 }));
    },
    sdk: async ({ createPlugin }) => {
      const manifest = await manifestOf('loop-forever');
      // The option is refused here, without a worker; of the manifest's nobody takes notice.
      expect((await rejectionOf(() => createPlugin(manifest, { timeoutMs: 50 }))).message).toMatch(
        /^"timeout" requires/,
      );
      await (await createPlugin({ ...manifest, timeoutMs: 50 })).close();
      await (await createPlugin({ ...manifest, timeout_ms: 50 })).close();
    },
  },
  {
    number: 4,
    title: 'limits of a manifest in JSON hold',
    run: async (implementation) => {
      const manifest = { wasm: [{ data: await base64Of('memory') }], memory: { max_pages: 2 } };
      await withPlugin(implementation, JSON.stringify(manifest), { logger: DEAF }, async (plugin) => {
        await rejectionOf(() => plugin.call('alloc_memory', word(5 * PAGE)));
        expect(await plugin.call('alloc_memory', word(PAGE))).toBe(null);
      });
    },
    sdk: (sdk) =>
      inFolder(async (folder) => {
        const path = join(folder, 'memory.wasm');
        await writeFile(path, await guest('memory'));
        const manifest = JSON.stringify({ wasm: [{ path }], memory: { max_pages: 2 } });
        await withPlugin(sdk, manifest, {}, async (plugin) => {
          expect(await plugin.call('alloc_memory', word(5 * PAGE))).toBe(null);
        });
      }),
  },
  {
    number: 4,
    title: 'a manifest that is an object may spell its keys as every other SDK does',
    run: async (implementation) => {
      const memory = { ...(await manifestOf('memory')), memory: { max_pages: 2, max_var_bytes: 10 } };
      await withPlugin(implementation, memory, { logger: DEAF }, async (plugin) => {
        await rejectionOf(() => plugin.call('alloc_memory', word(5 * PAGE)));
        await rejectionOf(() => plugin.call('alloc_var', word(11)));
      });
      const http = { ...(await manifestOf('http')), allowed_hosts: ['api.example.com'] };
      const options = { fetch: async () => new Response('here') };
      await withPlugin(implementation, http, options, async (plugin) => {
        expect((await plugin.call('http_get', REQUEST))?.text()).toBe('here');
      });
      await inFolder(async (folder) => {
        // The same on both sides, for the SDKs do not agree which is first.
        const fs = { ...(await manifestOf('fs')), allowed_paths: { [folder]: folder } };
        await withPlugin(implementation, fs, { useWasi: true }, async (plugin) => {
          const output = await plugin.call('run_test', join(folder, 'test.txt'));
          expect(output?.text()).toBe('hello world!');
        });
      });
    },
    sdk: async (sdk) => {
      const memory = { ...(await manifestOf('memory')), memory: { max_pages: 2, max_var_bytes: 10 } };
      await withPlugin(sdk, memory, {}, async (plugin) => {
        expect(await plugin.call('alloc_memory', word(5 * PAGE))).toBe(null);
        expect(await plugin.call('alloc_var', word(11))).toBe(null);
      });
      const http = { ...(await manifestOf('http')), allowed_hosts: ['api.example.com'] };
      await withPlugin(sdk, http, { fetch: async () => new Response('here') }, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('http_get', REQUEST));
        expect(error.message).toContain('no allowedHosts match "api.example.com"');
      });
      await inFolder(async (folder) => {
        const fs = { ...(await manifestOf('fs')), allowed_paths: { [folder]: folder } };
        await withPlugin(sdk, fs, { useWasi: true }, async (plugin) => {
          const output = await plugin.call('run_test', join(folder, 'test.txt'));
          expect(output?.text()).toBe('No such file or directory');
        });
      });
    },
  },
  {
    number: 5,
    title: 'a manifest in JSON may hold its module in base64',
    run: async (implementation) => {
      const manifest = JSON.stringify({ wasm: [{ data: await base64Of('hello') }] });
      await withPlugin(implementation, manifest, {}, async (plugin) => {
        expect((await plugin.call('hello'))?.text()).toBe('Hello, world!');
      });
    },
    sdk: async ({ createPlugin }) => {
      const manifest = JSON.stringify({ wasm: [{ data: await base64Of('hello') }] });
      expect((await rejectionOf(() => createPlugin(manifest))).message).toContain('must be a buffer source');
    },
  },
  {
    number: 5,
    title: 'method and headers of a module that is fetched are sent',
    run: async (implementation) => {
      expect(await fetching(implementation)).toEqual(['POST', 'secret']);
    },
    sdk: async (sdk) => {
      expect(await fetching(sdk)).toEqual(['GET', undefined]);
    },
  },
  {
    number: 6,
    title: 'an output may be a part of a block, and empty',
    run: async (implementation) => {
      const part = (await answerOf(implementation, 'part')) as PeerOutput;
      expect([part.text(), part.byteLength, part.buffer.byteLength]).toEqual(['bc', 2, 2]);
      expect(((await answerOf(implementation, 'empty')) as PeerOutput).byteLength).toBe(0);
    },
    sdk: async (sdk) => {
      expect(((await answerOf(sdk, 'part')) as PeerOutput).text()).toBe('abcdefgh\0\0\0\0\0\0\0\0');
      expect(((await answerOf(sdk, 'empty')) as PeerOutput).byteLength).toBe(16);
    },
  },
  {
    number: 7,
    title: 'an error can be taken back with error_set(0)',
    run: async (implementation) => {
      expect(((await answerOf(implementation, 'recover')) as PeerOutput).text()).toBe('abcdefgh');
    },
    sdk: async (sdk) => {
      expect(((await answerOf(sdk, 'recover')) as Error).message).toBe('Plugin-originated error: \0');
    },
  },
  {
    number: 7,
    title: 'a block of no bytes is null, and what is read beyond the end is 0',
    run: async (implementation) => {
      expect(await answerOf(implementation, 'alloc_nothing')).toBe(null);
      expect(await answerOf(implementation, 'beyond')).toBe(null);
      expect(await answerOf(implementation, 'beyond_input', 'abc')).toBe(null);
    },
    sdk: async (sdk) => {
      expect(await answerOf(sdk, 'beyond')).toBeInstanceOf(RangeError);
      expect(await answerOf(sdk, 'beyond_input', 'abc')).toBeInstanceOf(RangeError);
    },
  },
  {
    number: 8,
    title: 'a return code that is not 0 fails the call, also without a text',
    run: async (implementation) => {
      const error = (await answerOf(implementation, 'code', Uint8Array.of(3))) as Error;
      expect(error.message).toContain('Returned non-zero exit code: 3');
      expect(await answerOf(implementation, 'code', Uint8Array.of(0))).toBe(null);
    },
    sdk: async (sdk) => {
      expect(await answerOf(sdk, 'code', Uint8Array.of(3))).toBe(null);
    },
  },
  {
    number: 9,
    title: 'a call from within a call is refused, and harms nobody',
    run: async (implementation) => {
      expect(await reentering(implementation)).toEqual(['{"count": 2} again', 'plugin is not reentrant']);
    },
    sdk: async (sdk) => {
      const mixed = 'undefined is not iterable (cannot read property Symbol(Symbol.iterator))';
      expect(await reentering(sdk)).toEqual([mixed, '{"count": 0} again']);
    },
  },
  {
    number: 9,
    title: 'calls at the same time do not mix, each has its own context',
    run: async (implementation) => {
      expect(await overlapping(implementation)).toEqual(['one', 'two']);
    },
    sdk: async (sdk) => {
      const [first, second] = await overlapping(sdk);
      expect(first).toBe('two');
      expect(second).toBeInstanceOf(TypeError);
    },
  },
  {
    number: 10,
    title: "the module's own memory is limited by maxPages",
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('memory'), { memory: { maxPages: 2 } }, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('grow', word(100 * PAGE)));
        expect(error.message).toContain('Returned non-zero exit code: 1');
        expect(await plugin.call('grow', word(PAGE))).toBe(null);
      }),
    sdk: async (sdk) =>
      withPlugin(sdk, await manifestOf('memory'), { memory: { maxPages: 2 } }, async (plugin) => {
        await plugin.call('grow', word(100 * PAGE));
        const { memory } = (await plugin.getInstance()).exports as { memory: WebAssembly.Memory };
        expect(memory.buffer.byteLength).toBe(101 * PAGE);
      }),
  },
  {
    number: 13,
    title: 'folders can be given for reading only',
    run: async (implementation) =>
      inFolder(async (folder) => {
        const options = { useWasi: true, allowedPaths: { '/mnt': `ro:${folder}` } };
        await withPlugin(implementation, await manifestOf('fs'), options, async (plugin) => {
          expect((await plugin.call('run_test'))?.text()).toBe('hello world!');
          expect((await plugin.call('write_test', 'changed'))?.text()).toBe('Read-only file system');
        });
        expect(await readFile(join(folder, 'test.txt'), 'utf8')).toBe('hello world!');
      }),
    sdk: async ({ createPlugin }) => {
      const options = { useWasi: true, allowedPaths: { '/mnt': 'ro:/tmp' } };
      const manifest = await manifestOf('fs');
      expect((await rejectionOf(() => createPlugin(manifest, options))).message).toBe(
        'Readonly dirs are not supported: ro:/tmp',
      );
    },
  },
  {
    number: 13,
    title: 'a redirect to a host that is not allowed is not followed',
    run: async (implementation) => {
      const { fetch, asked } = redirecting();
      expect(await get(implementation, { fetch, allowedHosts: ['api.example.com'] })).toBe(
        'Call error: HTTP request to "https://api.example.com/" is not allowed (it leads to "elsewhere.example", and no allowedHosts match that)',
      );
      expect(asked).toEqual(['https://api.example.com/']);
    },
    sdk: async (sdk) => {
      const { fetch, asked } = redirecting();
      expect(await get(sdk, { fetch, allowedHosts: ['api.example.com'] })).toBe('secret');
      expect(asked).toEqual(['https://api.example.com/', 'https://elsewhere.example/']);
    },
  },
  {
    number: 14,
    title: 'the hash of a module that is part of a larger buffer is that of the module',
    run: async (implementation) => {
      const data = await viewOf('hello');
      const manifest = { wasm: [{ data, hash: sha256(data) }] };
      await withPlugin(implementation, manifest, {}, async (plugin) => {
        expect((await plugin.call('hello'))?.text()).toBe('Hello, world!');
      });
    },
    sdk: async ({ createPlugin }) => {
      const data = await viewOf('hello');
      const manifest = { wasm: [{ data, hash: sha256(data) }] };
      expect((await rejectionOf(() => createPlugin(manifest))).message).toBe(
        `Plugin error: hash mismatch. Expected: ${sha256(data)}. Actual: ${sha256(new Uint8Array(data.buffer))}`,
      );
    },
  },
  {
    title: 'modules of a circle may import several functions from each other',
    run: async (implementation) =>
      withPlugin(
        implementation,
        await linked({ main: 'circular-main', lhs: 'circular-lhs', rhs: 'circular-rhs-two' }),
        {},
        async (plugin) => {
          expect((await plugin.call('encalculate'))?.getBigUint64(0, true)).toBe(127n);
        },
      ),
    sdk: async ({ createPlugin }) => {
      const manifest = await linked({
        main: 'circular-main',
        lhs: 'circular-lhs',
        rhs: 'circular-rhs-two',
      });
      expect((await rejectionOf(() => createPlugin(manifest))).message).toMatch(/"lhs" "mul_two"/);
    },
  },
  {
    title: 'an allowed host that begins with an exclamation mark allows no other',
    run: async (implementation) => {
      const fetch = async (): Promise<Response> => new Response('here');
      expect(await get(implementation, { fetch, allowedHosts: ['!internal.example'] })).toBe(
        'Call error: HTTP request to "https://api.example.com/" is not allowed (no allowedHosts match "api.example.com")',
      );
    },
    sdk: async (sdk) => {
      const fetch = async (): Promise<Response> => new Response('here');
      expect(await get(sdk, { fetch, allowedHosts: ['!internal.example'] })).toBe('here');
    },
  },
  {
    title: 'configuration has no keys but those that were given',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('config'), {}, async (plugin) => {
        expect(await plugin.call('run_test', 'toString')).toBe(null);
      }),
    sdk: async (sdk) =>
      withPlugin(sdk, await manifestOf('config'), {}, async (plugin) => {
        expect(await rejectionOf(() => plugin.call('run_test', 'toString'))).toBeInstanceOf(SyntaxError);
      }),
  },
];

/** Defines the tests that `implementation` has none of `defects`. */
export function defineDefectSuite(
  name: string,
  implementation: Implementation,
  defects: readonly Defect[] = DEFECTS,
): void {
  describe(name, () => {
    for (const { number, title, run } of defects) {
      it(number === undefined ? title : `${number}. ${title}`, () => run(implementation));
    }
  });
}
