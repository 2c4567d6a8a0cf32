// WASI: runtimes that initialise themselves, files, and what is written to stdout.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { guest } from '../guests/catalogue.ts';
import { linked, manifestOf } from './modules.ts';
import { type Implementation, type ParityCase, rejectionOf, withPlugin } from './peer.ts';

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parity-'));
  try {
    await writeFile(join(folder, 'test.txt'), 'hello world!');
    await act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

// Runs the guest that writes to stdout in a process whose stdout can be read.
const SAY_HELLO = `
  const [url, path, options] = process.argv.slice(1);
  const { createPlugin } = await import(url);
  const plugin = await createPlugin({ wasm: [{ path }] }, { useWasi: true, ...JSON.parse(options) });
  await plugin.call('say_hello');
  await plugin.close();`;

async function outputOf(
  { url, options: added }: Implementation,
  options: { readonly enableWasiOutput?: boolean },
  variable?: string,
): Promise<string> {
  let output = '';
  await inFolder(async (folder) => {
    const path = join(folder, 'wasi-stdout.wasm');
    await writeFile(path, await guest('wasi-stdout'));
    const { EXTISM_ENABLE_WASI_OUTPUT: _, ...environment } = process.env;
    const env =
      variable === undefined ? environment : { ...environment, EXTISM_ENABLE_WASI_OUTPUT: variable };
    const conditions = ['--conditions=@plugbay/source', '--input-type=module', '--no-warnings'];
    const script = ['-e', SAY_HELLO, url, path, JSON.stringify({ ...options, ...added })];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...conditions, ...script], {
      env,
    });
    output = stdout + stderr;
  });
  return output;
}

/** The cases. */
export const WASI: readonly ParityCase[] = [
  {
    number: 30,
    title: 'initialises the Haskell runtime',
    run: async (implementation) =>
      withPlugin(
        implementation,
        await manifestOf('haskell'),
        { useWasi: true, config: { greeting: 'Howdy' } },
        async (plugin) => {
          expect((await plugin.call('testing', 'John'))?.string()).toBe('Howdy, John');
        },
      ),
  },
  {
    number: 31,
    title: "falls back to the manifest's configuration",
    run: async (implementation) => {
      const manifest = { ...(await manifestOf('haskell')), config: { greeting: 'Greetings' } };
      await withPlugin(implementation, manifest, { useWasi: true }, async (plugin) => {
        expect((await plugin.call('testing', 'Paul'))?.string()).toBe('Greetings, Paul');
      });
    },
  },
  {
    number: 32,
    title: 'keeps what is written to stdout to itself unless the environment says otherwise',
    run: async (implementation) => {
      expect(await outputOf(implementation, {})).toBe('');
      expect(await outputOf(implementation, {}, '1')).toBe('hello from stdout\nhello from stderr\n');
    },
  },
  {
    number: 33,
    title: 'respects enableWasiOutput',
    run: async (implementation) => {
      const said = 'hello from stdout\nhello from stderr\n';
      expect(await outputOf(implementation, { enableWasiOutput: true })).toBe(said);
      expect(await outputOf(implementation, { enableWasiOutput: false }, '1')).toBe('');
    },
  },
  {
    number: 46,
    title: 'lets a plugin use the folders it was given, by the names in the guest',
    run: (implementation) =>
      inFolder(async (folder) => {
        const options = { useWasi: true, allowedPaths: { '/mnt': folder } };
        await withPlugin(implementation, await manifestOf('fs'), options, async (plugin) => {
          expect((await plugin.call('run_test', ''))?.text()).toBe('hello world!');
          expect((await plugin.call('write_test', 'another text'))?.text()).toBe('written');
          expect((await plugin.call('run_test', ''))?.text()).toBe('another text');
        });
        expect(await readFile(join(folder, 'test.txt'), 'utf8')).toBe('another text');
      }),
  },
  {
    number: 47,
    title: "falls back to the manifest's folders",
    run: (implementation) =>
      inFolder(async (folder) => {
        const manifest = { ...(await manifestOf('fs')), allowedPaths: { '/mnt': folder } };
        await withPlugin(implementation, manifest, { useWasi: true }, async (plugin) => {
          expect((await plugin.call('run_test', ''))?.text()).toBe('hello world!');
        });
      }),
  },
  {
    number: 48,
    title: 'links to a module that is a WASI command',
    run: (implementation) =>
      inFolder(async (folder) => {
        const options = { useWasi: true, allowedPaths: { '/mnt': folder } };
        await withPlugin(
          implementation,
          await linked({ main: 'fs-link', side: 'fs' }),
          options,
          async (plugin) => {
            expect((await plugin.call('run_test', ''))?.text()).toBe('hello world!');
          },
        );
      }),
  },
  {
    title: 'shows no folder that was not given',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('fs'), { useWasi: true }, async (plugin) => {
        expect((await plugin.call('run_test', ''))?.text()).toBe('No such file or directory');
      }),
  },
  {
    title: 'lets a plugin sleep',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('sleep'), { useWasi: true }, async (plugin) => {
        expect((await plugin.call('run_test', '20'))?.text()).toBe('slept');
      }),
  },
  {
    title: 'refuses a module that wants WASI when it is not enabled',
    run: async ({ createPlugin }) => {
      const manifest = await manifestOf('fs');
      expect((await rejectionOf(() => createPlugin(manifest))).message).toBe(
        'WASI is not enabled; see the "useWasi" plugin option',
      );
    },
  },
];
