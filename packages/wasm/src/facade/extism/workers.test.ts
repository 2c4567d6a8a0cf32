// Plugins in workers: what is different there, and what must not be.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { wat } from '@plugbay/testing';
import {
  CAPABILITIES,
  type CallContext,
  createPlugin,
  type ExtismPluginOptions,
  type ManifestLike,
  type Plugin,
} from '@plugbay/wasm/extism';
import { describe, expect, it } from 'vitest';
import { guest } from '../../../test/guests/catalogue.ts';
import { env, failureOf } from '../../../test/open.ts';
import { compiled, linked, manifestOf } from '../../../test/parity/modules.ts';

// Time for a start on a machine that has much else to do, milliseconds.
const LIMIT_MS = 1_000;

type HelloWorld = (context: CallContext, block: bigint) => unknown;

const open = (manifest: ManifestLike, options: ExtismPluginOptions = {}): Promise<Plugin> =>
  createPlugin(manifest, { ...options, runInWorker: true });

const answering = (hello_world: HelloWorld): ExtismPluginOptions => ({
  functions: { 'extism:host/user': { hello_world } },
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function keeping(): { logger: Console; lines: string[] } {
  const lines: string[] = [];
  const keep = (text: string): void => void lines.push(text);
  const logger = { trace: keep, debug: keep, info: keep, warn: keep, error: keep };
  return { lines, logger: logger as unknown as Console };
}

describe('a worker', () => {
  it('keeps no process alive, whether its plugins are closed or not', async () => {
    const script = `
      const { createPlugin } = await import(process.argv[1]);
      const data = Buffer.from(process.argv[2], 'base64');
      const options = { runInWorker: true };
      const [one, two] = [await createPlugin({ wasm: [{ data }] }, options), await createPlugin(data, options)];
      await one.close();
      console.log((await two.call('hello')).text());`;
    const url = new URL('../../extism.ts', import.meta.url).href;
    const data = Buffer.from(await guest('hello')).toString('base64');
    const conditions = ['--conditions=@plugbay/source', '--input-type=module', '--no-warnings'];
    const { stdout } = await promisify(execFile)(process.execPath, [...conditions, '-e', script, url, data]);
    expect(stdout).toBe('Hello, world!\n');
  });

  it('keeps a process alive until its calls are answered', async () => {
    const script = `
      const { createPlugin } = await import(process.argv[1]);
      const plugin = await createPlugin(Buffer.from(process.argv[2], 'base64'), { runInWorker: true, useWasi: true });
      plugin.call('run_test', '300').then((output) => console.log(output.text()));`;
    const url = new URL('../../extism.ts', import.meta.url).href;
    const data = Buffer.from(await guest('sleep')).toString('base64');
    const conditions = ['--conditions=@plugbay/source', '--input-type=module', '--no-warnings'];
    const { stdout } = await promisify(execFile)(process.execPath, [...conditions, '-e', script, url, data]);
    expect(stdout).toBe('slept\n');
  });

  it("is a capability, and takes the SDK's options for one", async () => {
    expect(CAPABILITIES.hasWorkerCapability).toBe(true);
    const options = {
      sharedArrayBufferSize: 128,
      nodeWorkerArgs: { name: 'mine', execArgv: ['--no-warnings'] },
    };
    const plugin = await open(await manifestOf('hello'), options);
    expect((await plugin.call('hello'))?.text()).toBe('Hello, world!');
    await plugin.close();
  });
});

describe('a host function of a plugin in a worker', () => {
  const STARTS = `(module (import "app" "note" (func $note (param i64) (result i64)))
    ${env('alloc', 'length', 'output_set')}
    (global $block (mut i64) (i64.const 0))
    (global $length (mut i64) (i64.const 0))
    (func $start
      (global.set $block (call $note (call $alloc (i64.const 3))))
      (global.set $length (call $length (global.get $block))))
    (start $start)
    (func (export "run") (result i32) (i32.wrap_i64 (global.get $length))))`;

  it.each([
    ['at once', (context: CallContext) => context.store('seven77')],
    ['later', async (context: CallContext) => turn().then(() => context.store('seven77'))],
  ])('is there while the plugin starts, and may answer %s', async (_, note) => {
    const plugin = await open({ wasm: [{ data: await wat(STARTS) }] }, { functions: { app: { note } } });
    expect((await failureOf(() => plugin.call('run'))).message).toBe('Returned non-zero exit code: 7');
    await plugin.close();
  });

  it('fails the start with the very error that it throws, also later', async () => {
    const thrown = new Error('not today');
    const data = await wat(STARTS);
    for (const note of [
      () => {
        throw thrown;
      },
      async () => {
        await turn();
        throw thrown;
      },
    ]) {
      const opening = open({ wasm: [{ data }] }, { functions: { app: { note } } });
      expect(await opening.catch((error: unknown) => error)).toBe(thrown);
    }
  });

  it('sets the level that the plugin sees from then on, also after it waited', async () => {
    const source = `(module (import "app" "louder" (func $louder)) ${env('alloc', 'store_u8', 'log_warn')}
      (func $log (param $letter i32) (local $text i64)
        (local.set $text (call $alloc (i64.const 1)))
        (call $store_u8 (local.get $text) (local.get $letter))
        (call $log_warn (local.get $text)))
      (func (export "run") (call $log (i32.const 97)) (call $louder) (call $log (i32.const 98))))`;
    const { logger, lines } = keeping();
    const louder = async (context: CallContext): Promise<void> => {
      await turn();
      context.logLevel = 'warn';
    };
    const plugin = await open(
      { wasm: [{ data: await wat(source) }] },
      { functions: { app: { louder } }, logger },
    );
    await plugin.call('run');
    expect(lines).toEqual(['b']);
    await plugin.close();
  });

  it('reads and stores megabytes', async () => {
    const text = 'aeiou'.repeat(400_000);
    const plugin = await open(
      await manifestOf('count-vowels-host'),
      answering((context, block) => context.store(`${context.read(block)?.text()}${text}`)),
    );
    expect((await plugin.call('count_vowels', text))?.text()).toBe(`{"count": 2000000}${text}`);
    await plugin.close();
  });
});

describe('a compiled module in a worker', () => {
  it('has host functions of every type, at once and later', async () => {
    const source = `(module
      (import "app" "sum" (func $sum (param i32 i64 f32 f64) (result f64)))
      (import "app" "yes" (func $yes (result i32)))
      (import "app" "no" (func $no (result i32)))
      (func (export "run") (result i32)
        (i32.add
          (i32.add (call $yes) (call $no))
          (i32.trunc_f64_s (call $sum (i32.const 4) (i64.const 5) (f32.const 6.5) (f64.const 3.5))))))`;
    const functions = {
      app: {
        sum: async (_: CallContext, a: number, b: bigint, c: number, d: number) => {
          await turn();
          return a + Number(b) + c + d;
        },
        yes: () => true,
        no: () => false,
      },
    };
    const module = new WebAssembly.Module((await wat(source)) as Uint8Array<ArrayBuffer>);
    const plugin = await open(module, { functions });
    expect((await failureOf(() => plugin.call('run'))).message).toBe('Returned non-zero exit code: 20');
    await plugin.close();
  });

  it('has WASI, and may sleep', async () => {
    const plugin = await open(await compiled('sleep'), { useWasi: true });
    expect((await plugin.call('run_test', '5'))?.text()).toBe('slept');
    await plugin.close();
  });

  it('links to others, compiled or not', async () => {
    const [data, module] = [await guest('upper'), await compiled('reflect')];
    const plugin = await open({
      wasm: [
        { name: 'extism:host/user', data },
        { name: 'main', module },
      ],
    });
    expect((await plugin.call('reflect', 'hello'))?.text()).toBe('HELLO');
    await plugin.close();
  });

  it('can be stopped, which it cannot be elsewhere', async () => {
    const plugin = await open(await compiled('loop-forever'), { timeoutMs: LIMIT_MS });
    const error = await failureOf(() => plugin.call('loop_forever'));
    expect([error.message, error.stateLost]).toEqual(['EXTISM: call canceled due to timeout', true]);
    await plugin.close();
  });
});

describe('a plugin that does not stop', () => {
  it('keeps nobody else from running', async () => {
    const { wasm } = await manifestOf('loop-forever');
    const hanging = await Promise.all([1, 2, 3, 4].map(() => open({ wasm })));
    const plugin = await open(await manifestOf('count-vowels'));
    let over = 0;
    const hung = hanging.map(async (each) => {
      const { message } = await failureOf(() => each.call('loop_forever'));
      over += 1;
      return message;
    });
    for (let call = 1; call <= 5; call++)
      expect((await plugin.call('count_vowels', 'a'))?.json()).toMatchObject({ count: 1, total: call });
    expect(over).toBe(0);
    await Promise.all(hanging.map((each) => each.close()));
    expect(new Set(await Promise.all(hung))).toEqual(new Set(['the plugin was closed']));
    expect((await plugin.call('count_vowels', 'a'))?.json()).toMatchObject({ count: 1, total: 6 });
    await plugin.close();
  });

  it('keeps its variables, and loses its memory', async () => {
    const source = `(module ${env('alloc', 'store_u8', 'var_set', 'var_get', 'length', 'output_set')}
      (global $calls (mut i32) (i32.const 48))
      (func $key (result i64) (local $key i64)
        (local.set $key (call $alloc (i64.const 1)))
        (call $store_u8 (local.get $key) (i32.const 97))
        (local.get $key))
      (func (export "keep") (local $value i64)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (local.set $value (call $alloc (i64.const 1)))
        (call $store_u8 (local.get $value) (global.get $calls))
        (call $var_set (call $key) (local.get $value)))
      (func (export "get") (local $value i64)
        (local.set $value (call $var_get (call $key)))
        (call $output_set (local.get $value) (call $length (local.get $value))))
      (func (export "calls") (result i32) (global.get $calls))
      (func (export "hang") (loop $again (br $again))))`;
    const plugin = await open({ wasm: [{ data: await wat(source) }] }, { timeoutMs: LIMIT_MS });
    await plugin.call('keep');
    await plugin.call('keep');
    expect(await failureOf(() => plugin.call('hang'))).toMatchObject({ stateLost: true });
    expect((await plugin.call('get'))?.text()).toBe('2');
    expect((await failureOf(() => plugin.call('calls'))).message).toBe('Returned non-zero exit code: 48');
    await plugin.close();
  });

  it('is stopped when it is closed', async () => {
    const plugin = await open(await manifestOf('loop-forever'));
    const call = failureOf(() => plugin.call('loop_forever'));
    await turn();
    expect(plugin.isActive()).toBe(true);
    await plugin.close();
    expect(await call).toMatchObject({ code: 'canceled', message: 'the plugin was closed' });
    expect(plugin.isActive()).toBe(false);
  });
});

describe('modules of a plugin in a worker', () => {
  it('share the limits of one', async () => {
    const { logger, lines } = keeping();
    const manifest = await linked({ main: 'reflect', 'extism:host/user': 'upper' });
    const plugin = await open(manifest, { memory: { maxPages: 1 }, logger });
    expect((await plugin.call('reflect', 'hello'))?.text()).toBe('HELLO');
    const error = await failureOf(() => plugin.call('reflect', 'x'.repeat(65_537)));
    expect(error.message).toBe('memory limit exceeded: 2 pages requested, 1 allowed');
    expect(lines).toEqual(['memory limit exceeded: 2 pages requested, 1 allowed']);
    await plugin.close();
  });

  it('may be large ones that are compiled on another thread', async () => {
    const padding = `(data "${'x'.repeat(200_000)}")`;
    for (const [imports, run, mark] of [
      [env('alloc'), '(drop (call $alloc (i64.const 1)))', ''],
      ['(import "app" "run" (func $run))', '(call $run)', '(func (export "__guest_call"))'],
    ]) {
      const source = `(module ${imports} (memory 8) ${padding} (func (export "run") ${run}) ${mark})`;
      const plugin = await open(
        { wasm: [{ data: await wat(source) }] },
        { functions: { app: { run: () => undefined } } },
      );
      expect(await plugin.call('run')).toBe(null);
      await plugin.close();
    }
  });

  it('are Extism plugins, whatever they export', async () => {
    const source =
      '(module (func (export "__guest_call")) (func (export "plugin_info")) (func (export "run")))';
    const plugin = await open({ wasm: [{ data: await wat(source) }] });
    expect(await plugin.call('run')).toBe(null);
    expect(await plugin.call('__guest_call')).toBe(null);
    await plugin.close();
  });
});

describe('a logger that throws', () => {
  it('changes nothing for a plugin in a worker', async () => {
    const fail = (): never => {
      throw new Error('the disk is full');
    };
    const logger = { trace: fail, debug: fail, info: fail, warn: fail, error: fail } as unknown as Console;
    const plugin = await open(await manifestOf('log'), { logger, logLevel: 'trace' });
    expect((await plugin.call('run_test', ''))?.text()).toBe('0');
    await plugin.close();
  });
});
