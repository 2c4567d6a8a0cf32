import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { httpCapability } from '@plugbay/callbacks';
import { contentAddress, type LogMethod, type Plugin, type Runtime } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import {
  createInlineRuntime,
  createWorkerRuntime,
  type LocalPlugin,
  type ThreadedPlugin,
} from '@plugbay/wasm';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import { createHost } from './host.ts';

const ECHO = await wat(`(module
  (import "extism:host/env" "input_offset" (func $offset (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "echo") (call $output (call $offset) (call $length))))`);

/** Hands its input to an import and answers with what that returns. */
const asking = (namespace: string, name: string): Promise<Uint8Array> =>
  wat(`(module
  (import "extism:host/env" "input_offset" (func $offset (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "${namespace}" "${name}" (func $ask (param i64) (result i64)))
  (func (export "ask") (local $reply i64)
    (local.set $reply (call $ask (call $offset)))
    (call $output (local.get $reply) (call $length (local.get $reply)))))`);

describe('a host', () => {
  it('opens a plugin from bytes, a path or a file URL', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'plugbay-'));
    const path = join(dir, 'echo.wasm');
    await writeFile(path, ECHO);
    await using host = createHost();
    for (const origin of [
      { name: 'echo', bytes: ECHO },
      { locator: path },
      { locator: pathToFileURL(path).href },
    ]) {
      const plugin = await host.open(origin, { tenant: 'acme' });
      expect((await plugin.call('echo', 'hi')).text()).toBe('hi');
    }
    await rm(dir, { recursive: true });
  });

  it('says what is wrong with a plugin when it is opened', async () => {
    await using host = createHost();
    await expect(
      host.open({ name: 'x', bytes: new Uint8Array([1, 2, 3]) }, { tenant: 'acme' }),
    ).rejects.toMatchObject({
      code: 'invalid',
      plugin: 'x',
      phase: 'open',
    });
    await expect(host.open({ locator: 'https://example.com/x' }, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('lends its functions to plugins, unless their grants say otherwise', async () => {
    const bytes = await asking('extism:host/user', 'shout');
    await using host = createHost({
      functions: {
        'extism:host/user': {
          shout: (context, text) => context.store(context.text(BigInt(text))?.toUpperCase() ?? ''),
        },
      },
    });
    const plugin = await host.open({ name: 'p', bytes }, { tenant: 'acme' });
    expect((await plugin.call('ask', 'hi')).text()).toBe('HI');
    await expect(host.open({ name: 'p', bytes }, { tenant: 'acme', grants: [] })).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('extism:host/user.shout'),
    });
  });

  it('answers host calls with its callbacks, which know the caller, only where they are granted', async () => {
    const bytes = await asking('greeting', 'hello');
    await using host = createHost({
      callbacks: [
        {
          namespace: 'greeting',
          operation: 'hello',
          mode: 'sync',
          answer: ({ payload }, { tenant, plugin }) =>
            new TextEncoder().encode(`${plugin} of ${tenant} says ${new TextDecoder().decode(payload)}`),
        },
      ],
    });
    const granted = await host.open(
      { name: 'p', bytes },
      { tenant: 'acme', grants: [{ capability: 'greeting' }] },
    );
    expect((await granted.call('ask', 'hi')).text()).toBe('p of acme says hi');
    const without = await host.open({ name: 'p', bytes }, { tenant: 'acme' });
    await expect(without.call('ask', 'hi')).rejects.toMatchObject({ code: 'denied' });
  });

  it('refuses a plugin that imports what nobody provides, by name', async () => {
    await using host = createHost();
    const bytes = await asking('nobody', 'knows');
    await expect(host.open({ name: 'p', bytes }, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/nobody provides: nobody[ .]knows/),
    });
  });

  it('closes what it opened, and opens nothing more', async () => {
    const host = createHost();
    const plugin = await host.open({ name: 'echo', bytes: ECHO }, { tenant: 'acme' });
    await host.close();
    await expect(plugin.call('echo', 'hi')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(host.open({ name: 'echo', bytes: ECHO }, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'unavailable',
    });
    await host.close();
  });

  it('runs nothing of a plugin that comes when it is closed', async () => {
    const bytes = await wat(
      `(module (import "app" "started" (func $started)) (start $started) (func (export "run")))`,
    );
    let starts = 0;
    const host = createHost({ functions: { app: { started: () => void starts++ } } });
    await host.open({ name: 'p', bytes }, { tenant: 'acme' });
    await host.close();
    await expect(host.open({ name: 'p', bytes }, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the host is closed',
    });
    expect(starts).toBe(1);
  });

  it.each([undefined, {}, { tenant: '' }, { tenant: 7 }])(
    'opens nothing for the tenant in %j',
    async (options) => {
      await using host = createHost();
      const open = host.open({ name: 'echo', bytes: ECHO }, options as { tenant: string });
      await expect(open).rejects.toMatchObject({ code: 'invalid', phase: 'open' });
    },
  );

  it('refuses two callbacks of one name', () => {
    const callback = {
      namespace: 'a',
      operation: 'b',
      mode: 'sync',
      answer: () => new Uint8Array(),
    } as const;
    expect(() => createHost({ callbacks: [callback, callback] })).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    );
  });
});

/** Writes "hello" and a line break to standard output. */
const HELLO = await wat(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\08\\00\\00\\00\\06\\00\\00\\00hello\\n")
  (func (export "hello") (result i32) (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))`);

const SPIN = await wat('(module (func (export "spin") (loop $again (br $again))))');

describe('what a plugin is opened with', () => {
  it('is WASI where the host or the plugin says so', async () => {
    const lines: string[] = [];
    const info: LogMethod = (_facts: object | string, message?: string) => void lines.push(message ?? '');
    const logger = { info };
    const origin = { name: 'hello', bytes: HELLO };
    await using without = createHost({ logger });
    await expect(without.open(origin, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'unsupported',
      message: 'the module imports WASI, which is not granted: fd_write',
    });
    await (await without.open(origin, { tenant: 'acme', wasi: {} })).call('hello');
    expect(lines).toEqual(['hello']);

    await using granting = createHost({ logger, wasi: {} });
    await (await granting.open(origin, { tenant: 'acme' })).call('hello');
    await (await granting.open(origin, { tenant: 'acme', wasi: { stdout: 'drop' } })).call('hello');
    expect(lines).toEqual(['hello', 'hello']);
    await expect(granting.open(origin, { tenant: 'acme', wasi: false })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('is a meter, so that the work of a call is counted and has an end', async () => {
    const origin = { name: 'spin', bytes: SPIN };
    await using host = createHost({ metered: true, limits: { fuel: 1_000 } });
    const plugin = await host.open(origin, { tenant: 'acme' });
    await expect(plugin.call('spin')).rejects.toMatchObject({
      code: 'limit',
      message: 'plugin ran out of fuel: it had 1000 units for one call',
    });
    const echo = { name: 'echo', bytes: ECHO };
    const counted = await host.open(echo, { tenant: 'acme' });
    expect((await counted.call('echo', 'a')).fuel).toBeGreaterThan(0);
    const unmetered = await host.open(echo, { tenant: 'acme', metered: false });
    expect((await unmetered.call('echo', 'a')).fuel).toBe(undefined);
  });

  it('is a time that its calls may take, which holds without a meter', async () => {
    await using host = createHost({ limits: { callMs: 2_000 } });
    const plugin = await host.open({ name: 'spin', bytes: SPIN }, { tenant: 'acme' });
    const [tooLong, late, unwanted] = await Promise.allSettled([
      plugin.call('spin'),
      plugin.call('spin', '', { timeoutMs: 5 }),
      plugin.call('spin', '', { signal: AbortSignal.timeout(5) }),
    ]);
    expect(tooLong).toMatchObject({
      reason: { code: 'timeout', message: 'the call took longer than callMs, which is 2000' },
    });
    expect(late).toMatchObject({ reason: { code: 'timeout', message: 'the call took longer than 5 ms' } });
    expect(unwanted).toMatchObject({ reason: { code: 'canceled' } });
    await expect(plugin.call('spin', '', { timeoutMs: 5 })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is the inline engine, which stops a call only where it is metered', async () => {
    const origin = { name: 'spin', bytes: SPIN };
    await using host = createHost({ runtime: createInlineRuntime() });
    const options = { tenant: 'acme', metered: true, limits: { fuel: Number.MAX_SAFE_INTEGER } };
    const patient = await host.open(origin, options);
    await expect(patient.call('spin', '', { timeoutMs: 5 })).rejects.toMatchObject({
      code: 'timeout',
      message: 'the call took longer than 5 ms',
    });
    const unmetered = await host.open(origin, { tenant: 'acme' });
    await expect(unmetered.call('spin', '', { timeoutMs: 5 })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('is no clock of the app’s own for WASI, which a thread cannot read', async () => {
    const clock = { now: () => 0, monotonic: () => 0, sleep: () => undefined };
    await using host = createHost({ wasi: { clock } });
    const origin = { name: 'hello', bytes: HELLO };
    await expect(host.open(origin, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'unsupported',
      hint: 'Grant clock "system" or "none", or open the plugin on the inline engine.',
    });
    await using inline = createHost({ wasi: { clock }, runtime: createInlineRuntime() });
    await inline.open(origin, { tenant: 'acme' });
  });

  it('is a pool, of which the plugin’s own settings are laid over the host’s', async () => {
    const bytes = await asking('app', 'wait');
    const waiting: (() => void)[] = [];
    const wait = async (): Promise<bigint> => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return 0n;
    };
    await using host = createHost({
      functions: { app: { wait } },
      pool: { stateless: true, instances: 3 },
    });
    const callAll = (plugin: Plugin): Promise<unknown> =>
      Promise.all([plugin.call('ask'), plugin.call('ask'), plugin.call('ask')]);
    const three = await host.open({ name: 'p', bytes }, { tenant: 'acme' });
    const all = callAll(three);
    expect(three.stats()).toMatchObject({ instances: 3, busy: 3, waiting: 0 });
    await vi.waitFor(() => expect(waiting.length).toBe(3));
    for (const end of waiting.splice(0)) end();
    await all;

    const two = await host.open({ name: 'p', bytes }, { tenant: 'acme', pool: { instances: 2 } });
    const rest = callAll(two);
    expect(two.stats()).toMatchObject({ instances: 2, busy: 2, waiting: 1 });
    await Promise.all([expect(rest).rejects.toMatchObject({ code: 'canceled' }), two.close()]);
  });

  it('is modules that it imports from', async () => {
    const bytes = await wat(`(module
      (import "extism:host/env" "output_set" (func $output (param i64 i64)))
      (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
      (import "lib" "letter" (func $letter (result i32)))
      (func (export "run") (local $block i64)
        (local.set $block (call $alloc (i64.const 1)))
        (call $store (local.get $block) (call $letter))
        (call $output (local.get $block) (i64.const 1))))`);
    const lib = await wat('(module (func (export "letter") (result i32) (i32.const 76)))');
    await using host = createHost();
    const origin = { name: 'main', bytes, links: [{ name: 'lib', bytes: lib }] };
    const plugin = await host.open(origin, { tenant: 'acme' });
    expect((await plugin.call('run')).text()).toBe('L');
    await expect(host.open({ name: 'main', bytes }, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('lib letter'),
    });
  });

  it('is bytes that must be those of their digest, when one is given', async () => {
    await using host = createHost();
    const digest = contentAddress(ECHO);
    const plugin = await host.open({ name: 'echo', bytes: ECHO, digest }, { tenant: 'acme' });
    expect(plugin.info.digest).toBe(digest);
    expect((await host.open({ name: 'echo', bytes: ECHO }, { tenant: 'acme' })).info.digest).toBe(digest);
    await expect(
      host.open({ name: 'spin', bytes: SPIN, digest: contentAddress(HELLO) }, { tenant: 'acme' }),
    ).rejects.toMatchObject({ code: 'integrity' });
  });

  it('is HTTP, where it is granted', async () => {
    const server = createServer((request, response) => response.end(`you asked for ${request.url}`));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const request = `{"url":"http://127.0.0.1:${(server.address() as AddressInfo).port}/prices"}`;
    const bytes = await wat(`(module
      (import "extism:host/env" "input_offset" (func $input (result i64)))
      (import "extism:host/env" "length" (func $length (param i64) (result i64)))
      (import "extism:host/env" "output_set" (func $output (param i64 i64)))
      (import "extism:host/env" "http_request" (func $request (param i64 i64) (result i64)))
      (func (export "get") (local $body i64)
        (local.set $body (call $request (call $input) (i64.const 0)))
        (call $output (local.get $body) (call $length (local.get $body)))))`);
    await using http = httpCapability({ allowedHosts: ['127.0.0.1'] });
    await using host = createHost({ callbacks: [http] });
    const grants = [{ capability: 'http' }];
    const granted = await host.open({ name: 'p', bytes }, { tenant: 'acme', grants });
    expect((await granted.call('get', request)).text()).toBe('you asked for /prices');
    const without = await host.open({ name: 'p', bytes }, { tenant: 'acme' });
    await expect(without.call('get', request)).rejects.toMatchObject({ code: 'denied' });
    server.close();
  });
});

describe('the plugins of a host', () => {
  it('can be called by function, and asked how they are', async () => {
    await using host = createHost();
    const plugin = await host.open({ name: 'echo', bytes: ECHO }, { tenant: 'acme' });
    expectTypeOf(plugin).toEqualTypeOf<ThreadedPlugin>();
    expect(plugin.callSync).toBe(undefined);
    expect((await plugin.fn('echo').call('b')).text()).toBe('b');
    expect(plugin.stats()).toEqual({
      instances: 1,
      busy: 0,
      waiting: 0,
      calls: 1,
      created: 1,
      discarded: 0,
    });
  });

  it('can be called at once where they run on this thread', async () => {
    await using host = createHost({ runtime: createInlineRuntime() });
    const plugin = await host.open({ name: 'echo', bytes: ECHO }, { tenant: 'acme' });
    expectTypeOf(plugin).toEqualTypeOf<LocalPlugin>();
    expect(plugin.callSync('echo', 'a').text()).toBe('a');
    expect(plugin.fn('echo').callSync('b').text()).toBe('b');
    expect(plugin.stats()).toMatchObject({ instances: 1, calls: 2, created: 1 });
  });

  it('do not keep each other waiting', async () => {
    await using host = createHost();
    const spinning = await host.open({ name: 'spin', bytes: SPIN }, { tenant: 'mallory' });
    const controller = new AbortController();
    const endless = spinning.call('spin', '', { signal: controller.signal });
    const others = Array.from({ length: 8 }, async () => {
      const plugin = await host.open({ name: 'echo', bytes: ECHO }, { tenant: 'acme' });
      return (await plugin.call('echo', 'hi')).text();
    });
    expect(await Promise.all(others)).toEqual(Array(8).fill('hi'));
    controller.abort();
    await expect(endless).rejects.toMatchObject({ code: 'canceled' });
  });

  it('are what another runtime makes of them', async () => {
    const inline = createInlineRuntime();
    const runtime: Runtime = {
      open: (source, options) => inline.open({ ...source, name: 'other' }, options),
    };
    await using other = createHost({ runtime });
    expectTypeOf(other.open).returns.resolves.toEqualTypeOf<Plugin>();
    expect((await other.open({ name: 'echo', bytes: ECHO }, { tenant: 'acme' })).info.name).toBe('other');
  });
});

describe('the threads of a host', () => {
  it('are ended with it, and those that the app started are not', async () => {
    await using runtime = createWorkerRuntime({ threads: 1 });
    const origin = { name: 'echo', bytes: ECHO };
    const door = { mode: () => undefined, authorise: () => undefined } as never;
    const host = createHost({ runtime });
    const plugin = await host.open(origin, { tenant: 'acme' });
    await host.close();
    await expect(plugin.call('echo', 'hi')).rejects.toMatchObject({ code: 'unavailable' });
    const other = await runtime.open(origin, { tenant: 'acme', door });
    expect((await other.call('echo', 'hi')).text()).toBe('hi');
  });

  it('let running calls end that have time for it', async () => {
    const bytes = await asking('app', 'wait');
    const { promise, resolve } = Promise.withResolvers<void>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const wait = async (): Promise<bigint> => {
      ask();
      await promise;
      return 0n;
    };
    const host = createHost({ functions: { app: { wait } } });
    const plugin = await host.open({ name: 'p', bytes }, { tenant: 'acme' });
    const call = plugin.call('ask');
    await asked;
    const closing = host.close({ drainMs: 10_000 });
    resolve();
    expect((await call).text()).toBe('');
    await closing;
  });

  it('end what starts on them when it is closed', async () => {
    const bytes = await wat(`(module
      (import "app" "started" (func $started))
      (func $begin (call $started) (loop $again (br $again)))
      (start $begin) (func (export "run")))`);
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const host = createHost({ functions: { app: { started: () => begin() } } });
    const opening = host.open({ name: 'p', bytes }, { tenant: 'acme' });
    const failed = expect(opening).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the host is closed',
      plugin: 'p',
      phase: 'open',
    });
    await begun;
    await host.close();
    await failed;
  });

  it('keep no process alive that has nothing more to do, also where nobody closes the host', async () => {
    const script = `
      import { createHost } from '@plugbay/host';
      const host = createHost();
      const plugin = await host.open({ name: 'echo', bytes: Buffer.from(process.argv[1], 'base64') }, { tenant: 'acme' });
      console.log((await plugin.call('echo', 'hi')).text());`;
    const bytes = Buffer.from(ECHO).toString('base64');
    const flags = ['--conditions=@plugbay/source', '--input-type=module', '-e', script, bytes];
    const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: import.meta.dirname });
    expect(stdout).toBe('hi\n');
  });
});
