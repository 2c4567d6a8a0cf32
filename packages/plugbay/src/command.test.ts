// The command as its users run it: real processes, real signals.
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { AppRecord, ExtensionPointRecord } from '@plugbay/core';
import { contentAddress } from '@plugbay/core';
import { startServer } from '@plugbay/server';
import { startTestServer, wat } from '@plugbay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugbay-command-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const nodeArguments = (parameters: readonly string[]) => [
  '--conditions=@plugbay/source',
  MAIN,
  ...parameters,
];
const environment = (more: Record<string, string> = {}) => ({
  ...process.env,
  NODE_COMPILE_CACHE: join(folder, 'compiled'),
  ...more,
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function plugbay(parameters: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: environment() };
    const child = execFile(process.execPath, nodeArguments(parameters), options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

interface Serving extends AsyncDisposable {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  /** The next line that it prints. */
  line(): Promise<string>;
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>;
}

function serve(parameters: readonly string[], more: Record<string, string> = {}): Serving {
  const child = spawn(process.execPath, nodeArguments(['serve', ...parameters]), {
    cwd: folder,
    env: environment(more),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return {
    child,
    ended,
    line: async () => String((await lines.next()).value),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const plugin = wat(`(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "config_get" (func $config (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (memory (export "memory") 1 2)
  (func (export "echo") (result i32)
    (call $output (call $input) (call $length (call $input)))
    i32.const 0)
  (func (export "setting") (result i32) (local $key i64) (local $value i64)
    (local.set $key (call $alloc (i64.const 1)))
    (call $store (local.get $key) (i32.const 107))
    (local.set $value (call $config (local.get $key)))
    (call $output (local.get $value) (call $length (local.get $value)))
    i32.const 0)
  (func (export "binary") (result i32) (local $byte i64)
    (local.set $byte (call $alloc (i64.const 1)))
    (call $store (local.get $byte) (i32.const 255))
    (call $output (local.get $byte) (i64.const 1))
    i32.const 0))`);

const SPIN = wat('(module (func (export "spin") (loop $again (br $again))))');

async function pluginFile(): Promise<string> {
  return moduleFile('plugin.wasm', await plugin);
}

async function moduleFile(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** `list` writes what it calls the first folder that it was granted to standard output; `write` opens the file `new` in it, made if need be. */
const wasiPlugin = wat(`(module
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00")
  (data (i32.const 16) "-----\\n")
  (data (i32.const 32) "new")
  (func (export "list") (result i32)
    (drop (call $name (i32.const 3) (i32.const 16) (i32.const 5)))
    (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func (export "write") (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 3) (i32.const 1)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 48))))`);

describe('plugbay serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'says where things are, never the token, and ends with 0 at %s',
    async (signal) => {
      const data = join(folder, signal);
      await using serving = serve(['--data', data, '--port', '0']);
      const lines = [await serving.line(), await serving.line(), await serving.line(), await serving.line()];
      const url = /^Plugbay is listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(lines[0]!)?.[1];
      expect(lines.slice(1)).toEqual([
        `  data   ${data}`,
        `  token  ${join(data, 'token')}`,
        'Ctrl-C stops it.',
      ]);
      const token = (await readFile(join(data, 'token'), 'utf8')).trim();
      expect(lines.join('\n')).not.toContain(token);
      expect(
        (await fetch(`${url}/api/v1/apps`, { headers: { authorization: `Bearer ${token}` } })).status,
      ).toBe(200);
      serving.child.kill(signal);
      expect(await serving.line()).toBe('Stopping; once more to stop at once.');
      expect(await serving.ended).toBe(0);
    },
  );

  it('takes its options from the environment, too', async () => {
    const data = join(folder, 'environment');
    await using serving = serve(['--json'], {
      PLUGBAY_DATA: data,
      PLUGBAY_HOST: '127.0.0.1',
      PLUGBAY_PORT: '0',
    });
    expect(JSON.parse(await serving.line())).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      dataDir: data,
      tokenFile: join(data, 'token'),
    });
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(0);
  });

  it('refuses a public URL that is no origin', async () => {
    const data = join(folder, 'public');
    expect(await plugbay(['serve', '--data', data, '--public-url', 'example.com'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: the public URL "example.com" is not an http or https origin\n' +
        'hint: Give a scheme, a host and perhaps a port, such as https://plugins.example.com, with --public-url or PLUGBAY_PUBLIC_URL.\n',
    });
  });

  it('lets a push that is under way end when it is told to stop', async () => {
    const data = join(folder, 'push');
    const bytes = await plugin;
    await using serving = serve(['--data', data, '--port', '0']);
    const { id, token, url } = await point(serving, data);
    const push = await startPush(url, token, id, bytes.length);
    push.outgoing.write(bytes.slice(0, 20));
    serving.child.kill('SIGTERM');
    expect(await serving.line()).toBe('Stopping; once more to stop at once.');
    push.outgoing.end(bytes.slice(20));
    expect(await push.status).toBe(201);
    expect(await serving.ended).toBe(0);

    await using again = await startTestServer({ dataDir: data });
    expect((await again.api('GET', `/c/${contentAddress(bytes)}`)).body).toEqual(new Uint8Array(bytes));
  });

  it('ends at once, with 1 and without the push, when it is told twice', async () => {
    const data = join(folder, 'twice');
    const bytes = await plugin;
    await using serving = serve(['--data', data, '--port', '0']);
    const { id, token, url } = await point(serving, data);
    const push = await startPush(url, token, id, bytes.length);
    serving.child.kill('SIGTERM');
    expect(await serving.line()).toBe('Stopping; once more to stop at once.');
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(1);
    await expect(push.status).rejects.toThrow();

    await using again = await startTestServer({ dataDir: data });
    expect((await again.api('GET', `/c/${contentAddress(bytes)}`)).status).toBe(404);
    expect((await again.api('GET', `/extension-points/${id}`)).status).toBe(200);
  });

  it('says which port is in use, and how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await plugbay(['serve', '--data', join(folder, 'port'), '--port', String(port)])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `error: port ${port} of 127.0.0.1 is in use\n` +
        'hint: Stop what listens there, or choose another port with --port or PLUGBAY_PORT (0 takes any that is free).\n',
    });
    other.close();
  });

  it('says that its folder is in use', async () => {
    await using running = await startTestServer();
    const { dataDir } = running.server;
    expect(await plugbay(['serve', '--data', dataDir, '--port', '0'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `error: the data folder of ${join(dataDir, 'registry.db')} is in use by another Plugbay\n` +
        'hint: Stop the other one, or choose another folder with --data or PLUGBAY_DATA.\n',
    });
  });

  it('refuses a port that is none', async () => {
    expect(await plugbay(['serve', '--port', '99999'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("'99999' is invalid. A port is a whole number from 0 to 65535."),
    });
  });
});

describe('plugbay token', () => {
  it('makes a new token for one that was lost, and prints where it is, never the token', async () => {
    const data = join(folder, 'lost');
    const tokenFile = join(data, 'token');
    await (await startServer({ dataDir: data, port: 0 })).close();
    await rm(tokenFile);
    await using serving = serve(['--data', data, '--port', '0']);
    await serving.line();
    await serving.line();
    expect(await serving.line()).toBe('  token  lost: make a new one with plugbay token');
    expect(await plugbay(['token', '--data', data])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('is in use by another Plugbay'),
    });
    serving.child.kill('SIGTERM');
    await serving.ended;

    expect(await plugbay(['token', '--data', data])).toEqual({
      code: 0,
      stdout: `The new operator token is in ${tokenFile}\nEarlier ones stay valid until they are revoked.\n`,
      stderr: '',
    });
    const json = await plugbay(['token', '--data', data, '--json']);
    expect(JSON.parse(json.stdout)).toEqual({ id: expect.stringMatching(/^tok_/), tokenFile });
    expect(await readFile(tokenFile, 'utf8')).toMatch(/^xtp0_[\w-]{53}\n$/);
  });
});

describe('plugbay inspect', () => {
  it('says what a module is made of', async () => {
    const section = Buffer.from('\x00\x08\x07made-up', 'latin1');
    const bytes = Buffer.concat([await plugin, section]);
    const file = await moduleFile('inspected.wasm', bytes);
    const { code, stdout } = await plugbay(['inspect', file]);
    expect(code).toBe(0);
    expect(stdout).toBe(`${file}
  bytes    ${bytes.length}
  digest   ${contentAddress(bytes)}
  abi      extism
  memory   1 pages, at most 2
  exports
    memory: memory
    echo: () -> i32  (callable)
    setting: () -> i32  (callable)
    binary: () -> i32  (callable)
  imports
    extism:host/env  (extism)
      input_offset: () -> i64
      length: (i64) -> i64
      output_set: (i64, i64) -> ()
      config_get: (i64) -> i64
      alloc: (i64) -> i64
      store_u8: (i64, i32) -> ()
  custom sections
    made-up: 8 bytes
`);
    const json = await plugbay(['inspect', file, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      digest: contentAddress(bytes),
      abi: 'extism',
      start: false,
    });
  });

  it('says what is wrong with a file', async () => {
    expect(await plugbay(['inspect', 'nowhere.wasm'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: there is no file nowhere.wasm\n',
    });
    expect(await plugbay(['inspect', MAIN])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: /),
    });
  });
});

describe('plugbay run', () => {
  it('calls a function with text, with standard input, with configuration', async () => {
    const file = await pluginFile();
    for (const engine of [[], ['--engine', 'inline']]) {
      expect(await plugbay(['run', file, 'echo', '--input', 'hello', ...engine])).toEqual({
        code: 0,
        stdout: 'hello',
        stderr: '',
      });
    }
    expect(await plugbay(['run', file, 'echo', '--stdin'], 'from a pipe')).toMatchObject({
      stdout: 'from a pipe',
    });
    expect(await plugbay(['run', file, 'setting', '--config', 'a=b', '--config', 'k=v=w'])).toMatchObject({
      stdout: 'v=w',
    });
  });

  it('tells programs what is known of the call', async () => {
    const file = await pluginFile();
    const text = await plugbay(['run', file, 'echo', '--input', 'hello', '--json']);
    expect(JSON.parse(text.stdout)).toEqual({
      name: 'plugin.wasm',
      kind: 'wasm',
      abi: 'extism',
      digest: contentAddress(await plugin),
      exports: ['echo', 'setting', 'binary'],
      export: 'echo',
      ms: expect.any(Number),
      output: 'hello',
    });
    const metered = await plugbay([
      'run',
      file,
      'echo',
      '--timeout',
      '60000',
      '--engine',
      'inline',
      '--json',
    ]);
    expect(JSON.parse(metered.stdout)).toMatchObject({ fuel: expect.any(Number), output: '' });
    const binary = await plugbay(['run', file, 'binary', '--json']);
    expect(JSON.parse(binary.stdout)).toMatchObject({ outputBase64: '/w==' });
  });

  it('lets a plugin use WASI where it is told to', async () => {
    const file = await moduleFile('wasi.wasm', await wasiPlugin);
    expect(await plugbay(['run', file, 'list'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: wasi.wasm imports WASI, which is not granted: fd_prestat_dir_name, fd_write, path_open\n' +
        'hint: Add --wasi for time, random numbers and a log, or --dir host:guest for a folder as well.\n',
    });
    const { code, stderr } = await plugbay(['run', file, 'list', '--wasi']);
    expect(code).toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({ level: 'info', message: '-----', plugin: 'wasi.wasm' });
  });

  it('lets a plugin use folders, to read only where that is said', async () => {
    const file = await moduleFile('wasi.wasm', await wasiPlugin);
    const data = join(folder, 'data:1');
    await mkdir(data);
    expect(JSON.parse((await plugbay(['run', file, 'list', '--dir', `${data}:/data`])).stderr)).toMatchObject(
      {
        message: '/data',
      },
    );
    // 69 is EROFS.
    expect(await plugbay(['run', file, 'write', '--dir', `${data}:/data:ro`])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('69'),
    });
    expect(await readdir(data)).toEqual([]);
    expect(await plugbay(['run', file, 'write', '--dir', `${data}:/data`])).toMatchObject({ code: 0 });
    expect(await readdir(data)).toEqual(['new']);
    expect(await plugbay(['run', file, 'list', '--dir', 'data:ro'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('A folder has the form host:guest or host:guest:ro.'),
    });
  });

  it('lets a plugin ask the hosts that it is told', async () => {
    const server = createServer((asked, response) => response.end(`you asked for ${asked.url}`));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const input = `{"url":"http://127.0.0.1:${port}/prices"}`;
    const bytes = await wat(`(module
      (import "extism:host/env" "input_offset" (func $input (result i64)))
      (import "extism:host/env" "length" (func $length (param i64) (result i64)))
      (import "extism:host/env" "output_set" (func $output (param i64 i64)))
      (import "extism:host/env" "http_request" (func $request (param i64 i64) (result i64)))
      (func (export "get") (local $body i64)
        (local.set $body (call $request (call $input) (i64.const 0)))
        (call $output (local.get $body) (call $length (local.get $body)))))`);
    const file = await moduleFile('http.wasm', bytes);
    const run = ['run', file, 'get', '--input', input];
    expect(await plugbay([...run, '--allow-host', 'a.test', '--allow-host', '127.0.0.1'])).toEqual({
      code: 0,
      stdout: 'you asked for /prices',
      stderr: '',
    });
    expect(await plugbay(run)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not allowed (no allowedHosts match "127.0.0.1")\nhint: '),
    });
    server.close();
  });

  it.each([
    ['by default', []],
    ['on a thread', ['--engine', 'worker']],
    ['inline', ['--engine', 'inline']],
  ])('ends a call that takes too long, %s', async (_where, engine) => {
    const file = await moduleFile('spin.wasm', await SPIN);
    expect(await plugbay(['run', file, 'spin', '--timeout', '50', ...engine])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: the call took longer than 50 ms\n',
    });
  });

  it('refuses a timeout or an engine that is none', async () => {
    const file = await moduleFile('spin.wasm', await SPIN);
    expect(await plugbay(['run', file, 'spin', '--engine', 'process'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("'process' is invalid. Allowed choices are worker, inline."),
    });
    for (const timeout of ['0', '1.5', '86400001']) {
      expect(await plugbay(['run', file, 'spin', '--timeout', timeout])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('A time is a whole number of milliseconds from 1 to 86400000.'),
      });
    }
  });

  it('says that there is no such function', async () => {
    const file = await pluginFile();
    expect(await plugbay(['run', file, 'absent'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*absent\nhint: It has echo, setting, binary\.\n$/),
    });
    expect(await plugbay(['run', file, 'echo', '--config', 'novalue'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Configuration has the form key=value.'),
    });
  });
});

/** An extension point on a server that has just been started. */
async function point(serving: Serving, data: string): Promise<{ id: string; token: string; url: string }> {
  const url = (await serving.line()).replace('Plugbay is listening on ', '');
  for (let line = 0; line < 3; line++) await serving.line();
  const token = (await readFile(join(data, 'token'), 'utf8')).trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const post = async <T>(path: string, body: object): Promise<T> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return (await response.json()) as T;
  };
  const app = await post<AppRecord>('/apps', { name: 'Shop' });
  const schema = 'version: v0\nexports: [echo]\n';
  const made = await post<ExtensionPointRecord>(`/apps/${app.id}/extension-points`, {
    name: 'Checkout',
    schema,
  });
  return { id: made.id, token, url };
}

/** A push whose head has arrived at the server, and whose body is still to come. */
async function startPush(url: string, token: string, pointId: string, length: number) {
  const outgoing = request(`${url}/api/v1/artifacts/${pointId}/plugin/~/one`, {
    method: 'PUT',
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/wasm',
      'content-length': String(length),
      expect: '100-continue',
    },
  });
  const status = new Promise<number | undefined>((resolve, reject) => {
    outgoing.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
  status.catch(() => undefined);
  outgoing.flushHeaders();
  await once(outgoing, 'continue');
  return { outgoing, status };
}
