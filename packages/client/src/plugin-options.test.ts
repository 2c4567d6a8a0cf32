// What a client lets its guests' plugins use, and how far: real plugins, a real registry, real files and servers.
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { HostFunctionContext } from '@plugbay/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { filePlugin, keepingLogger, openShop, plugin, type Shop } from '../test/shop.ts';
import { createClient } from './client.ts';
import { createOpener } from './opener.ts';
import { type ClientOptions, resolveOptions } from './options.ts';

async function shopOf(bytes: Uint8Array | Promise<Uint8Array>, guests?: readonly string[]): Promise<Shop> {
  const shop = await openShop(await bytes, guests);
  onTestFinished(() => shop[Symbol.asyncDispose]());
  return shop;
}

type Run = (input?: string, guest?: string) => Promise<string | null>;

async function runOf(shop: Shop, options: Partial<ClientOptions> = {}): Promise<Run> {
  const { Checkout } = (await shop.client(options)).extensionPoints;
  return (input = '', guest = 'acme') => Checkout.run(guest, input);
}

describe('a plugin that needs WASI', () => {
  it('has time, random numbers and a log, and no folder', async () => {
    const logger = keepingLogger();
    const run = await runOf(await shopOf(filePlugin()), { logger });

    expect(await run('/etc/passwd')).toBe('No such file or directory');
    expect(logger.lines).toEqual(['info reading /etc/passwd']);
  });

  it('is refused where WASI is not wanted', async () => {
    const run = await runOf(await shopOf(filePlugin()), { useWasi: false, allowedPaths: { '/data': '.' } });

    await expect(run('x')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/^the module imports WASI, which is not granted: /),
      plugin: 'Checkout/main',
      point: 'Checkout',
    });
  });

  it('has the folders of allowedPaths, under its own names for them', async () => {
    const shop = await shopOf(filePlugin());
    await mkdir(join(shop.folder, 'data'));
    const file = join(shop.folder, 'data', 'greeting.txt');
    await writeFile(file, 'hello');
    const place = join(shop.folder, 'data');
    const run = await runOf(shop, { allowedPaths: { '/data': place, '/safe': `ro:${place}` } });

    expect(await run('/data/greeting.txt')).toBe('hello');
    expect(await run('/safe/greeting.txt')).toBe('hello');
    expect(await run('!/safe/greeting.txt')).toBe('Read-only file system');
    expect(await readFile(file, 'utf8')).toBe('hello');
    expect(await run('!/data/greeting.txt')).toBe('new');
    expect(await readFile(file, 'utf8')).toBe('new');
  });

  it('is not opened for a folder that is not there, and no default hides it', async () => {
    const shop = await shopOf(filePlugin());
    const client = await shop.client({ allowedPaths: { '/data': join(shop.folder, 'nowhere') } });

    await expect(client.extensionPoints.Checkout.run('acme', '', { default: '' })).rejects.toMatchObject({
      code: 'unavailable',
      phase: 'open',
    });
  });
});

describe('the HTTP requests of a plugin', () => {
  const FETCHING = plugin('(call $answer (call $request (call $input) (i64.const 0)))');

  async function serve(answer: RequestListener): Promise<{ server: Server; url: string; request: string }> {
    const server = createServer(answer);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prices`;
    return { server, url, request: JSON.stringify({ url }) };
  }

  it('go to allowed hosts, and nowhere else', async () => {
    const { request } = await serve((asked, response) => response.end(`you asked for ${asked.url}`));
    const shop = await shopOf(FETCHING);
    const run = await runOf(shop, { allowedHosts: ['127.0.0.1'] });

    expect(await run(request)).toBe('you asked for /prices');
    await expect(run('{"url":"http://example.com/"}')).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('no allowedHosts match "example.com"'),
    });
  });

  it('go nowhere where no host is allowed, and the error says how one is', async () => {
    const { request } = await serve((_asked, response) => response.end());
    const run = await runOf(await shopOf(FETCHING));

    await expect(run(request)).rejects.toMatchObject({
      code: 'denied',
      message: 'HTTP request to "127.0.0.1" is not allowed (allowedHosts is empty)',
      hint: 'Add "127.0.0.1" to the option allowedHosts.',
    });
  });

  it('go out while other guests’ plugins are called', async () => {
    let answerAll: () => void = () => undefined;
    const all = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    let asked = 0;
    const { request } = await serve(async (_asked, response) => {
      asked += 1;
      if (asked === 3) answerAll();
      await all;
      response.end('late');
    });
    const guests = ['a', 'b', 'c'];
    const run = await runOf(await shopOf(FETCHING, guests), { allowedHosts: ['127.0.0.1'] });

    expect(await Promise.all(guests.map((guest) => run(request, guest)))).toEqual(['late', 'late', 'late']);
  });

  it('are connections that end with the client, after the requests that use them, and begin again', async () => {
    let answered: (() => void) | undefined;
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const { server, request } = await serve((_asked, response) => {
      answered = () => response.end('done');
      onAsked();
    });
    const { promise: ended, resolve: onEnded } = Promise.withResolvers<void>();
    server.on('connection', (socket) => socket.on('close', onEnded));
    const shop = await shopOf(FETCHING);
    const client = await shop.client({ allowedHosts: ['127.0.0.1'] });
    const call = client.extensionPoints.Checkout.run('acme', request);
    await asked;
    await client.close();
    answered?.();

    expect(await call).toBe('done');
    await ended;
    server.removeAllListeners('request').on('request', (_asked, response) => response.end('again'));
    expect(await client.extensionPoints.Checkout.run('acme', request)).toBe('again');
  });

  it('have answers of memory.maxHttpResponseBytes at most', async () => {
    const { url, request } = await serve((_asked, response) => response.end('12345'));
    const memory = { maxHttpResponseBytes: 4 };
    const run = await runOf(await shopOf(FETCHING), { allowedHosts: ['127.0.0.1'], memory });

    await expect(run(request)).rejects.toMatchObject({
      code: 'limit',
      message: `the answer of ${url} is larger than 4 bytes`,
    });
  });
});

describe('the memory of a plugin', () => {
  // Grows by as many pages as its input has bytes, and answers Y or N.
  const GROWING = plugin(
    `(if (i32.eq (memory.grow (i32.wrap_i64 (call $length (call $input)))) (i32.const -1))
       (then (call $letter (i32.const 78))) (else (call $letter (i32.const 89))))`,
    '(memory 3)',
  );

  it('may grow by memory.maxPages, whatever it starts with', async () => {
    const run = await runOf(await shopOf(GROWING), { memory: { maxPages: 2 } });

    expect(await run('xxx')).toBe('N');
    expect(await run('xx')).toBe('Y');
    expect(await run('x')).toBe('N');
  });

  it('is that of limits, where both say something', async () => {
    const run = await runOf(await shopOf(GROWING), { memory: { maxPages: 2 }, limits: { memoryPages: 4 } });

    expect(await run('xx')).toBe('N');
    expect(await run('x')).toBe('Y');
  });

  it('takes input of memory.maxPages at most', async () => {
    const run = await runOf(await shopOf(GROWING), { memory: { maxPages: 1 } });

    await expect(run('x'.repeat(65_536))).rejects.toMatchObject({
      code: 'limit',
      message: 'the exchange memory has no room for 65536 bytes; exchangeBytes is 65536',
    });
  });

  it('has variables of memory.maxVarBytes at most', async () => {
    const bytes = plugin('(call $set (call $input) (call $input)) (call $letter (i32.const 89))');
    const run = await runOf(await shopOf(bytes), { memory: { maxVarBytes: 60 } });

    expect(await run('123456')).toBe('Y');
    await expect(run('1234567')).rejects.toMatchObject({ code: 'limit' });
  });

  it('is not looked at in what is no module, and the error names the plugin', async () => {
    const options = resolveOptions({ token: 'xtp0_a', appId: 'app_a', memory: { maxPages: 1 } });
    const opening = createOpener(options).open(
      { name: 'Checkout/main', bytes: Buffer.from('no module') },
      'acme',
    );

    await expect(opening).rejects.toMatchObject({ code: 'invalid', plugin: 'Checkout/main', phase: 'open' });
  });
});

describe('a plugin that does not end', () => {
  // Ends at once for an empty input.
  const SPINNING = plugin(
    '(loop $again (br_if $again (i64.ne (call $length (call $input)) (i64.const 0)))) (call $letter (i32.const 89))',
  );

  it('is stopped after timeoutMs, and the error says whose it is', async () => {
    const run = await runOf(await shopOf(SPINNING), { timeoutMs: 1_000 });

    await expect(run('x')).rejects.toMatchObject({
      code: 'timeout',
      message: 'the call took longer than 1000 ms',
      plugin: 'Checkout/main',
      tenant: 'acme',
      stateLost: true,
    });
    expect(await run()).toBe('Y');
  });

  it('is stopped after limits.callMs where nothing else is said', async () => {
    const run = await runOf(await shopOf(SPINNING), { limits: { callMs: 1_500 } });

    await expect(run('x')).rejects.toMatchObject({
      code: 'timeout',
      message: 'the call took longer than callMs, which is 1500',
    });
  });

  it('is stopped when it is metered and its fuel is used up', async () => {
    const run = await runOf(await shopOf(SPINNING), { metered: true, limits: { fuel: 10_000 } });

    await expect(run('x')).rejects.toMatchObject({
      code: 'limit',
      message: 'plugin ran out of fuel: it had 10000 units for one call',
    });
  });
});

describe('functions that answer later', () => {
  const ASKING = plugin(
    '(call $answer (call $ask (call $input)))',
    '(import "extism:host/user" "ask" (func $ask (param i64) (result i64)))',
  );

  /** A function that answers when `all` of its calls are waiting. */
  function meeting(all: number): ClientOptions['functions'] {
    const { promise, resolve } = Promise.withResolvers<void>();
    let waiting = 0;
    const ask = async (context: HostFunctionContext, input: number | bigint): Promise<bigint> => {
      const text = context.text(BigInt(input));
      waiting += 1;
      if (waiting === all) resolve();
      await promise;
      return context.store(`${text} of ${String(context.context)}`);
    };
    return { 'extism:host/user': { ask } };
  }

  it('keep no other guest waiting', async () => {
    const guests = Array.from({ length: 20 }, (_, index) => `guest-${index}`);
    const { Checkout } = (await (await shopOf(ASKING, guests)).client({ functions: meeting(20) }))
      .extensionPoints;
    const call = (guest: string) => Checkout.run(guest, guest, { hostContext: guest });

    expect(await Promise.all(guests.map(call))).toEqual(guests.map((guest) => `${guest} of ${guest}`));
  });

  it('keep no call of the same plugin waiting where it has several instances', async () => {
    const client = await (await shopOf(ASKING)).client({ functions: meeting(5), pool: { stateless: true } });
    const call = (input: string) =>
      client.extensionPoints.Checkout.run('acme', input, { hostContext: 'one' });

    expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map(call))).toEqual([
      'a of one',
      'b of one',
      'c of one',
      'd of one',
      'e of one',
    ]);
  });

  it('are waited for until timeoutMs', async () => {
    const run = await runOf(await shopOf(ASKING), { functions: meeting(2), timeoutMs: 20 });

    await expect(run('x')).rejects.toMatchObject({
      code: 'timeout',
      message: 'the call took longer than 20 ms',
      plugin: 'Checkout/main',
    });
  });
});

describe('a client is not made', () => {
  it.each<[object, string]>([
    [{ timeoutMs: 0 }, 'timeoutMs must be a positive whole number, not 0'],
    [{ timeoutMs: '9' }, 'timeoutMs must be a positive whole number, not 9'],
    [{ memory: { maxPages: 0 } }, 'memory.maxPages must be a whole number from 1 to 32766, not 0'],
    [{ memory: { maxPages: 32_767 } }, 'memory.maxPages must be a whole number from 1 to 32766, not 32767'],
    [{ memory: { max_pages: 1 } }, 'memory.max_pages is no option'],
    [{ allowedHosts: '*.test' }, 'allowedHosts must be an array of strings'],
    [{ allowedHosts: ['http://a.test'] }, 'allowedHosts: "http://a.test" is more than a host'],
    [{ allowedPaths: { '/data': 'ro:' } }, 'allowedPaths: "/data" is no folder'],
    [{ allowedPaths: { '': '/srv' } }, 'allowedPaths: "" is no folder'],
    [{ pool: { instances: 2 } }, 'a plugin with 2 instances must be stateless'],
    [{ limits: { fuel: -1 } }, 'limit "fuel" must be a positive whole number, not -1'],
  ])('with %j', async (options, message) => {
    const given = { token: 'xtp0_a', appId: 'app_a', baseUrl: 'http://127.0.0.1:1', ...options };

    await expect(createClient(given)).rejects.toMatchObject({ code: 'invalid', message });
  });
});
