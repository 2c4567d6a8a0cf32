// Where a client's plugins run: on threads that are its own, or on this one.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import type { HostFunctionContext } from '@plugbay/core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openShop, plugin, type Shop } from '../test/shop.ts';
import { type ClientOptions, resolveOptions } from './options.ts';

async function shopOf(bytes: Promise<Uint8Array>, guests?: readonly string[]): Promise<Shop> {
  const shop = await openShop(await bytes, guests);
  onTestFinished(() => shop[Symbol.asyncDispose]());
  return shop;
}

/** The threads that this process starts from now on. */
function startedThreads(): readonly Worker[] {
  const threads: Worker[] = [];
  const started = (thread: Worker): void => void threads.push(thread);
  process.on('worker', started);
  onTestFinished(() => void process.off('worker', started));
  return threads;
}

// Node's number of a thread that has ended.
const ENDED = -1;

// Answers Y; never for an input that is not empty.
const SPINNING = plugin(
  '(loop $again (br_if $again (i64.ne (call $length (call $input)) (i64.const 0)))) (call $letter (i32.const 89))',
);

const ASKING = plugin(
  '(call $answer (call $ask (call $input)))',
  '(import "extism:host/user" "ask" (func $ask (param i64) (result i64)))',
);

const asking = (ask: (context: HostFunctionContext, input: string) => unknown): ClientOptions['functions'] =>
  ({
    'extism:host/user': {
      ask: (context: HostFunctionContext, input: bigint) => ask(context, context.text(input) ?? ''),
    },
  }) as ClientOptions['functions'];

it('a plugin that does not end keeps no other guest waiting', async () => {
  const others = ['a', 'b', 'c', 'd', 'e', 'f'];
  const client = await (await shopOf(SPINNING, ['mallory', ...others])).client();
  const { Checkout } = client.extensionPoints;
  await Promise.all(['mallory', ...others].map((guest) => Checkout.run(guest, '')));
  const controller = new AbortController();
  const endless = Checkout.run('mallory', 'x', { signal: controller.signal });

  expect(await Promise.all(others.map((guest) => Checkout.run(guest, '')))).toEqual(others.map(() => 'Y'));
  controller.abort();
  await expect(endless).rejects.toMatchObject({ code: 'canceled', tenant: 'mallory' });
  expect(await Checkout.run('mallory', '')).toBe('Y');
});

it.each(['worker', 'inline'] as const)(
  'a plugin is stopped after timeoutMs, on the engine %s, and the next call has a fresh one',
  async (engine) => {
    const client = await (await shopOf(SPINNING)).client({ engine, timeoutMs: 1_000 });
    const { Checkout } = client.extensionPoints;

    await expect(Checkout.run('acme', 'x')).rejects.toMatchObject({
      code: 'timeout',
      message: 'the call took longer than 1000 ms',
      stateLost: true,
    });
    expect(await Checkout.run('acme', '')).toBe('Y');
  },
);

it.each([
  [undefined, undefined, undefined],
  [60_000, undefined, { callMs: 70_000 }],
  [60_000, { callMs: 5, logLines: 1 }, { callMs: 5, logLines: 1 }],
  [Number.MAX_SAFE_INTEGER, undefined, { callMs: Number.MAX_SAFE_INTEGER }],
])('timeoutMs %j is not cut short by callMs, unless limits say so: %j', (timeoutMs, limits, expected) => {
  const options = resolveOptions({ token: 'xtp0_a', appId: 'app_a', timeoutMs, limits });

  expect(options.limits).toEqual(expected);
});

it.each(['worker', 'inline'] as const)(
  'functions run on this thread and see the context of their call, on the engine %s',
  async (engine) => {
    const hostContext = { user: 'ada' };
    const seen: unknown[] = [];
    const functions = asking((context, input) => {
      seen.push(context.context);
      return context.store(`${input}?`);
    });
    const client = await (await shopOf(ASKING)).client({ engine, functions });

    expect(await client.extensionPoints.Checkout.run('acme', 'really', { hostContext })).toBe('really?');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(hostContext);
  },
);

it('a client without open plugins has no threads, and inline none at all', async () => {
  const shop = await shopOf(SPINNING);
  const threads = startedThreads();
  await shop.client();
  const inline = await shop.client({ engine: 'inline' });

  expect(await inline.extensionPoints.Checkout.run('acme', '')).toBe('Y');
  expect(threads).toEqual([]);
});

it('closing a client ends its threads, after the calls that use them, and a later call starts new ones', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  const functions = asking(async (context) => {
    onAsked();
    await answered;
    return context.store('late');
  });
  const threads = startedThreads();
  const client = await (await shopOf(ASKING)).client({ functions });
  const { Checkout } = client.extensionPoints;
  const call = Checkout.run('acme', 'x');
  await asked;
  await client.close();
  answer();

  expect(await call).toBe('late');
  await vi.waitFor(() => expect(new Set(threads.map(({ threadId }) => threadId))).toEqual(new Set([ENDED])));
  expect(await Checkout.run('acme', 'x')).toBe('late');
});

it('an idle client does not keep the process alive, however long its plugins stay open', async () => {
  const shop = await shopOf(SPINNING);
  const script = `
    import { createClient } from '@plugbay/client';
    const client = await createClient({ ...JSON.parse(process.argv[1]), keepResidentMs: 3_600_000 });
    console.log(await client.extensionPoints.Checkout.run('acme', '', { default: '' }));`;
  const flags = ['--conditions=@plugbay/source', '--input-type=module', '-e', script];
  const child = promisify(execFile)(process.execPath, [...flags, JSON.stringify(shop.given)], {
    cwd: import.meta.dirname,
  });

  expect((await child).stdout).toBe('Y\n');
});

it.each([
  [{ engine: 'process' }, 'engine must be "worker" or "inline", not "process"'],
  [{ engine: 'inline', runInWorker: true }, 'engine "inline" contradicts runInWorker'],
])('a client is not made with %j', async (options, message) => {
  const shop = await shopOf(SPINNING);

  await expect(shop.client(options as Partial<ClientOptions>)).rejects.toMatchObject({
    code: 'invalid',
    message,
  });
});

it('the XTP client’s runInWorker is the default engine', async () => {
  const threads = startedThreads();
  const client = await (await shopOf(SPINNING)).client({ runInWorker: true });

  expect(await client.extensionPoints.Checkout.run('acme', '')).toBe('Y');
  expect(threads.length).toBeGreaterThan(0);
});
