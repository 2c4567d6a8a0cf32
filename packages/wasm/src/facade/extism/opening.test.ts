// What a plugin can be created from, beyond what the SDK's own tests ask for.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { wat } from '@plugbay/testing';
import createPluginByDefault, {
  createPlugin,
  type ExtismPluginOptions,
  type ManifestLike,
  newPlugin,
} from '@plugbay/wasm/extism';
import { describe, expect, it } from 'vitest';
import { guest } from '../../../test/guests/catalogue.ts';
import { failureOf } from '../../../test/open.ts';
import { compiled, linked, manifestOf } from '../../../test/parity/modules.ts';

async function hello(manifest: unknown, options?: ExtismPluginOptions): Promise<string | undefined> {
  const plugin = await createPlugin(manifest as ManifestLike, options);
  const output = await plugin.call('hello');
  await plugin.close();
  return output?.text();
}

const HELLO = 'Hello, world!';
const wasmResponse = async (init: ResponseInit = {}): Promise<Response> =>
  new Response(await guest('hello'), init);

describe('a plugin is created from', () => {
  it('bytes as they are', async () => {
    expect(await hello(await guest('hello'))).toBe(HELLO);
  });

  it('bytes that change afterwards, and by then they are another plugin', async () => {
    const bytes = await guest('hello');
    expect(await hello({ wasm: [{ data: bytes }] })).toBe(HELLO);
    const at = Buffer.from(bytes).indexOf('hello');
    bytes.set(Buffer.from('olleh'), at);
    const plugin = await createPlugin({ wasm: [{ data: bytes }] });
    expect(await plugin.functionExists('olleh')).toBe(true);
  });

  it('a file by its URL, a module or a manifest', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'opening-'));
    try {
      const path = join(folder, 'hello.wasm');
      await writeFile(path, await guest('hello'));
      await writeFile(join(folder, 'hello.json'), JSON.stringify({ wasm: [{ path }] }));
      for (const name of ['hello.wasm', 'hello.json']) {
        expect(await hello(pathToFileURL(join(folder, name)))).toBe(HELLO);
        expect(await hello(pathToFileURL(join(folder, name)).href)).toBe(HELLO);
      }
      expect(await hello({ wasm: [{ url: pathToFileURL(path) }] })).toBe(HELLO);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('a response whose type has parameters, has capitals, or is not said', async () => {
    for (const type of ['application/wasm; x=y', 'Application/WASM'])
      expect(await hello(await wasmResponse({ headers: { 'content-type': type } }))).toBe(HELLO);
    expect(await hello(await wasmResponse())).toBe(HELLO);
    expect(await hello({ wasm: [{ response: await wasmResponse() }] })).toBe(HELLO);
  });

  it('a URL by the fetch of the options', async () => {
    const asked: string[] = [];
    const send: typeof fetch = async (input) => {
      asked.push(String(input));
      return wasmResponse({ headers: { 'content-type': 'application/wasm' } });
    };
    expect(await hello('https://plugins.example/hello.wasm', { fetch: send })).toBe(HELLO);
    expect(await hello({ wasm: [{ url: 'https://plugins.example/2' }] }, { fetch: send })).toBe(HELLO);
    expect(asked).toEqual(['https://plugins.example/hello.wasm', 'https://plugins.example/2']);
  });

  it('JSON after white space', async () => {
    const data = Buffer.from(await guest('hello')).toString('base64');
    expect(await hello(`\n {"wasm":[{"data":"${data}"}]}`)).toBe(HELLO);
  });

  it('modules of which some are bytes and others compiled', async () => {
    for (const wasm of [
      [
        { name: 'main', module: await compiled('reflect') },
        { name: 'extism:host/user', data: await guest('upper') },
      ],
      [
        { name: 'extism:host/user', module: await compiled('upper') },
        { name: 'main', data: await guest('reflect') },
      ],
    ]) {
      const plugin = await createPlugin({ wasm });
      expect((await plugin.call('reflect', 'hello'))?.text()).toBe('HELLO');
      await plugin.close();
    }
  });

  it('CommonJS code, which gets the same names from require', async () => {
    const script = `
      const { createPlugin, newPlugin, CAPABILITIES, default: byDefault } = require(process.argv[1]);
      process.stdout.write(String([typeof createPlugin, newPlugin === createPlugin, byDefault === createPlugin, typeof CAPABILITIES]));`;
    const entry = fileURLToPath(new URL('../../extism.ts', import.meta.url));
    const given = [
      '--conditions=@plugbay/source',
      '--input-type=commonjs',
      '--no-warnings',
      '-e',
      script,
      entry,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, given);
    expect(stdout).toBe('function,true,true,object');
  });

  it('anything, by each of the names of the function', async () => {
    expect([newPlugin, createPluginByDefault]).toEqual([createPlugin, createPlugin]);
  });
});

describe('names and hashes', () => {
  it('are settled so that a single module is the main one whatever it is called', async () => {
    expect(await hello({ wasm: [{ name: 'other', data: await guest('hello') }] })).toBe(HELLO);
  });

  it('leave the last one unnamed when another is the main one', async () => {
    const wasm = [{ name: 'main', data: await guest('hello') }, { data: await guest('fail') }];
    expect(await hello({ wasm })).toBe(HELLO);
  });

  it('may not be used twice', async () => {
    const { wasm } = await linked({ a: 'upper', main: 'hello' });
    const error = await failureOf(() => hello({ wasm: [...wasm, wasm[0]] }));
    expect([error.code, error.message]).toEqual([
      'invalid',
      'Duplicate module name found in Extism manifest: a',
    ]);
  });

  it('may be hex in capitals', async () => {
    const data = await guest('hello');
    const hash = createHash('sha256').update(data).digest('hex').toUpperCase();
    expect(await hello({ wasm: [{ data, hash }] })).toBe(HELLO);
  });
});

describe('no plugin is created from', () => {
  it.each([
    [null],
    [undefined],
    [5],
    [[]],
    [{ wasm: [null] }],
    [{ wasm: [{ data: 5 }] }],
    [{ wasm: [{ path: 5 }] }],
  ])('%j', async (manifest) => {
    expect(await failureOf(() => hello(manifest))).toBeInstanceOf(TypeError);
  });

  it('JSON that is none', async () => {
    expect(await failureOf(() => hello('{"wasm":'))).toBeInstanceOf(SyntaxError);
  });

  it('an answer that is not the module that was asked for', async () => {
    const headers = { 'content-type': 'application/wasm' };
    const error = await failureOf(async () => hello(await wasmResponse({ status: 404, headers })));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain('answered 404');
  });

  it('a file that is not there', async () => {
    expect(await failureOf(() => hello('/no/such/plugin.wasm'))).toMatchObject({ code: 'ENOENT' });
  });

  it('bytes that are no module', async () => {
    expect(await failureOf(() => hello(Uint8Array.of(1, 2, 3)))).toMatchObject({ code: 'invalid' });
  });

  it('a compiled module that shall be stopped on this thread', async () => {
    const error = await failureOf(async () => hello(await compiled('hello'), { timeoutMs: 1_000 }));
    expect([error.code, error.message]).toEqual([
      'unsupported',
      'a WebAssembly.Module cannot be stopped, so it takes no timeoutMs',
    ]);
  });

  it('options of a wrong type', async () => {
    const manifest = await manifestOf('hello');
    for (const options of [
      { memory: { maxPages: -1 } },
      { memory: { maxVarBytes: 1.5 } },
      { timeoutMs: '5' },
      { allowedHosts: 'example.com' },
      { allowedPaths: { '/': 5 } },
      { config: { key: 5 } },
      { logLevel: 'loud' },
    ])
      expect(
        await failureOf(() => hello(manifest, options as unknown as ExtismPluginOptions)),
      ).toBeInstanceOf(TypeError);
  });
});

describe('an import that nobody provides is named', () => {
  const failure = async (source: string, options?: ExtismPluginOptions): Promise<string> =>
    (await failureOf(async () => hello(await wat(source), options))).message;

  it('when it is of a namespace of the host', async () => {
    const start = 'from module "main": cannot resolve import';
    expect(await failure('(module (import "extism:host/env" "x" (func)))')).toBe(
      `${start} "extism:host/env" "x" ("extism:host/env" is a host module, but does not contain "x")`,
    );
    expect(await failure('(module (import "wasi_snapshot_preview1" "x" (func)))', { useWasi: true })).toBe(
      `${start} "wasi_snapshot_preview1" "x" ("wasi_snapshot_preview1" is a host module, but does not contain "x")`,
    );
    expect(await failure('(module (import "app" "memory" (memory 1)))', { functions: { app: {} } })).toBe(
      `${start} "app" "memory" ("app" is a host module, but does not contain "memory")`,
    );
    expect(await failure('(module (import "app" "toString" (func)))', { functions: {} })).toBe(
      `${start} "app" "toString": not provided by host imports nor linked manifest items`,
    );
  });

  it('when another module of the plugin does not have it', async () => {
    const wasm = [
      { name: 'library', data: await wat('(module (func (export "one")))') },
      { data: await wat('(module (import "library" "two" (func)))') },
    ];
    const error = await failureOf(() => createPlugin({ wasm }));
    expect(error.message).toBe(
      'from module "main": cannot import "library" "two"; no export matched request',
    );
  });
});
