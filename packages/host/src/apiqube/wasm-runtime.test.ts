import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { contentAddress, type LogLevel, type PlugbayError, type Runtime } from '@plugbay/core';
import { FAKE_CLOCK_START, FakeClock, wat } from '@plugbay/testing';
import { createInlineRuntime } from '@plugbay/wasm';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MissingCapabilityError } from './missing-capability.ts';
import type { WasmRuntimeOptions } from './options.ts';
import { Registry } from './registry.ts';
import type { WasmPlugin } from './wasm-plugin.ts';
import { WasmRuntime } from './wasm-runtime.ts';

const INPUT = { target: 'http://a.test' };

/** Where a text lies in a guest: as two arguments, and as one packed result. */
interface Text {
  readonly both: string;
  readonly packed: string;
}

/** A module in WebAssembly text that says it is `info`; `functions` are its own, which may want texts in its memory. */
async function guest(
  info: object,
  functions: (text: (value: string) => Text) => string = () => '',
): Promise<Uint8Array> {
  const data: string[] = [];
  let end = 8;
  const text = (value: string): Text => {
    const bytes = Buffer.from(value);
    const at = end;
    end += bytes.length;
    const escaped = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
    data.push(`(data (i32.const ${at}) "${escaped}")`);
    const packed = (BigInt(at) << 32n) | BigInt(bytes.length);
    return { both: `(i32.const ${at}) (i32.const ${bytes.length})`, packed: `(i64.const ${packed})` };
  };
  const said = text(JSON.stringify(info)).packed;
  const own = functions(text);
  return wat(`(module
    (import "apiqube" "host_log" (func $log (param i32 i32 i32)))
    (import "apiqube" "host_now" (func $now (result i64)))
    (import "apiqube" "host_emit_event" (func $emit (param i32 i32)))
    (import "apiqube" "host_http_request" (func $http (param i32 i32) (result i64)))
    (memory (export "memory") 4)
    (global $next (mut i32) (i32.const 65536))
    (global $initialised (mut i32) (i32.const 0))
    (func (export "allocate") (param $size i32) (result i64)
      (global.set $next (i32.add (global.get $next) (local.get $size)))
      (i64.or
        (i64.shl (i64.extend_i32_u (i32.sub (global.get $next) (local.get $size))) (i64.const 32))
        (i64.extend_i32_u (local.get $size))))
    (func (export "plugin_info") (result i64) ${said})
    ${own} ${data.join(' ')})`);
}

/** `execute` that runs these instructions, of which the last gives a packed result. */
const executing = (...code: readonly string[]): string =>
  `(func (export "execute") (param i64) (result i64) ${code.join(' ')})`;

function runtime(options: WasmRuntimeOptions = {}): WasmRuntime {
  const made = new WasmRuntime(options);
  onTestFinished(() => made.close());
  return made;
}

const load = (bytes: Uint8Array, options: WasmRuntimeOptions = {}): Promise<WasmPlugin> =>
  runtime(options).loadPlugin('a.wasm', bytes);

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const failureOf = (promise: Promise<unknown>): Promise<PlugbayError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: PlugbayError) => error,
  );

/** A logger that keeps lines as `level: text`. */
function keeping(): { readonly lines: string[]; readonly logger: NonNullable<WasmRuntimeOptions['logger']> } {
  const lines: string[] = [];
  const write = (level: LogLevel) => (_: object | string, message?: string) =>
    void lines.push(`${level}: ${message}`);
  return {
    lines,
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
  };
}

describe('a module', () => {
  it('is loaded as a plugin that says what it is', async () => {
    const info = {
      name: 'sample',
      version: '1.2.3',
      protocols: ['x'],
      events: { Sent: { description: 's' } },
    };
    const plugin = await load(await guest(info));
    expect(plugin.info().snapshot()).toEqual({
      name: 'sample',
      version: '1.2.3',
      description: '',
      protocols: ['x'],
      capabilities: [],
      fields: {},
      events: { Sent: { description: 's', fields: {} } },
    });
  });

  it('LoadInvalidWASM: is refused when it is none', async () => {
    expect(await failureOf(load(Buffer.from('no module')))).toMatchObject({
      code: 'invalid',
      plugin: 'a.wasm',
      phase: 'open',
    });
  });

  it('is refused when it does not say what it is, or says it wrongly, and is closed again', async () => {
    const silent = await wat(
      '(module (import "apiqube" "host_now" (func (result i64))) (memory (export "memory") 1))',
    );
    expect((await failureOf(load(silent))).message).toContain('plugin_info');
    expect(await failureOf(load(await guest({ name: 1 })))).toMatchObject({
      code: 'invalid',
      message: 'plugin_info: name must be a string, not the number 1',
      plugin: 'a.wasm',
      phase: 'open',
    });
    const trapping = await wat(`(module (memory (export "memory") 1)
      (func (export "plugin_info") (result i64) unreachable))`);
    expect(await failureOf(load(trapping))).toMatchObject({
      code: 'trap',
      message: 'plugin_info: the module trapped: unreachable',
    });
  });

  it('is known by its digest, which is checked', async () => {
    const bytes = await guest({ name: 'sample' });
    const made = runtime();
    expect((await made.loadPlugin('a.wasm', bytes, { digest: contentAddress(bytes) })).info().name).toBe(
      'sample',
    );
    const other = contentAddress(Buffer.from('other'));
    expect((await failureOf(made.loadPlugin('a.wasm', bytes, { digest: other }))).code).toBe('integrity');
  });

  it('that lacks an export is loaded, and says so when that is called', async () => {
    const plugin = await load(await guest({ name: 'sample' }));
    expect(await plugin.validate(INPUT)).toEqual([
      { field: '', message: 'plugin "a.wasm" has no export "validate"' },
    ]);
    expect((await failureOf(plugin.execute(INPUT))).message).toBe(
      'execute: plugin "a.wasm" has no export "execute"',
    );
    expect((await failureOf(plugin.init())).message).toBe(
      'init: plugin "a.wasm" has no export "plugin_init"',
    );
  });

  it('that lacks allocate cannot be given anything', async () => {
    const bytes = await wat(`(module (memory (export "memory") 1) (data (i32.const 0) "{}")
      (func (export "plugin_info") (result i64) (i64.const 2))
      (func (export "execute") (param i64) (result i64) (i64.const 0)))`);
    const plugin = await load(bytes);
    expect((await failureOf(plugin.execute(INPUT))).message).toContain('allocate');
    expect(await plugin.validate(INPUT)).toHaveLength(1);
  });

  it('is initialised again after it crashed', async () => {
    const bytes = await guest(
      { name: 'sample' },
      (
        text,
      ) => `(func (export "plugin_init") (param i64) (result i64) (global.set $initialised (i32.const 1)) (i64.const 0))
        (func (export "validate") (param i64) (result i64)
          (if (result i64) (global.get $initialised) (then (i64.const 0)) (else ${text('[{"field":"fresh"}]').packed})))
        ${executing('unreachable')}`,
    );
    const plugin = await load(bytes);
    expect(await plugin.validate(INPUT)).toEqual([{ field: 'fresh', message: '' }]);
    await plugin.init({});
    expect(await plugin.validate(INPUT)).toEqual([]);
    expect(await failureOf(plugin.execute(INPUT))).toMatchObject({
      code: 'trap',
      message: 'execute: the module trapped: unreachable',
      stateLost: true,
    });
    expect(await plugin.validate(INPUT)).toEqual([]);
  });

  it.each<[string, WasmRuntimeOptions]>([
    ['on a thread', {}],
    ['metered on this one', { metered: true, runtime: createInlineRuntime() }],
  ])('is stopped when its time is up, also while it is loaded, %s', async (_where, options) => {
    const bytes = await guest({ name: 'sample' }, () => executing('(loop $again (br $again)) (i64.const 0)'));
    const plugin = await load(bytes, options);
    expect((await failureOf(plugin.execute(INPUT, { timeoutMs: 20 }))).code).toBe('timeout');
    const endless = await wat(`(module (memory (export "memory") 1)
      (func (export "plugin_info") (result i64) (loop $again (br $again)) (i64.const 0)))`);
    expect(await failureOf(load(endless, { ...options, loadTimeoutMs: 20 }))).toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/^plugin_info: /),
    });
  });

  it('LogSinkFunc, LogLevel_String: logs at debug, info, warn and error, and at info what has no level', async () => {
    const { lines, logger } = keeping();
    const bytes = await guest({ name: 'sample' }, (text) => {
      const line = text('a line').both;
      return executing(
        ...[0, 1, 2, 3, 99].map((level) => `(call $log (i32.const ${level}) ${line})`),
        '(i64.const 0)',
      );
    });
    await (await load(bytes, { logger })).execute(INPUT);
    expect(lines).toEqual(['debug: a line', 'info: a line', 'warn: a line', 'error: a line', 'info: a line']);
  });

  it('reads the time of its host', async () => {
    const bytes = await guest({ name: 'sample' }, (text) =>
      executing(`(if (result i64) (i64.eq (call $now) (i64.const ${FAKE_CLOCK_START}))
        (then ${text('{"status":"now"}').packed}) (else ${text('{"status":"never"}').packed}))`),
    );
    // On a thread it is the machine's, whatever the host's clock says.
    const here = await load(bytes, { clock: new FakeClock(), runtime: createInlineRuntime() });
    expect((await here.execute(INPUT)).status).toBe('now');
    const thread = await load(bytes, { clock: new FakeClock() });
    expect((await thread.execute(INPUT)).status).toBe('never');
  });

  it('emits events while it runs, and in its output; empty ones are nothing (EmitEventLogic_Empty)', async () => {
    const { lines, logger } = keeping();
    const info = { name: 'sample', events: { Sent: {} } };
    const bytes = await guest(info, (text) =>
      executing(
        `(call $emit ${text('{"plugin":"sample","kind":"Sent","data":{"at":1}}').both})`,
        '(call $emit (i32.const 0) (i32.const 0))',
        `(call $emit ${text('{"plugin":"other","kind":"Lost"}').both})`,
        `(call $emit ${text('{').both})`,
        text('{"events":[{"kind":"Sent","data":{"at":2}}]}').packed,
      ),
    );
    const heard: unknown[] = [];
    await (await load(bytes, { logger })).execute(INPUT, {
      emit: (event, facts) => heard.push({ ...event, ...facts }),
    });
    expect(heard).toEqual([
      { plugin: 'sample', kind: 'Sent', data: { at: 1 }, origin: 'emitted', declared: true },
      { plugin: 'sample', kind: 'Lost', origin: 'emitted', declared: false, claimed: 'other' },
      { plugin: 'sample', kind: 'Sent', data: { at: 2 }, origin: 'embedded', declared: true },
    ]);
    expect(lines).toEqual([
      'warn: an emitted event of the kind "Lost" is none that the plugin declares',
      'warn: an emitted event of the kind "Lost" claims to be of the plugin "other"',
      'warn: it emitted a malformed event: "{" is not JSON',
    ]);
  });

  it('whose events the app cannot take fails to execute', async () => {
    const bytes = await guest({ name: 'sample' }, (text) =>
      executing(`(call $emit ${text('{"kind":"Sent"}').both})`, '(i64.const 0)'),
    );
    const emit = (): void => {
      throw new Error('full');
    };
    const error = await failureOf((await load(bytes)).execute(INPUT, { emit }));
    expect([error.code, error.message]).toEqual(['internal', expect.stringMatching(/^execute: .*full$/)]);
  });

  it('may emit events of nobody while it starts', async () => {
    const bytes = await guest(
      { name: 'sample' },
      (text) => `(func (export "_initialize") (call $emit ${text('{"kind":"Sent"}').both}))`,
    );
    expect((await load(bytes)).info().name).toBe('sample');
  });
});

describe('a module that asks for HTTP', () => {
  /** Answers with what it was answered, which reads as an output as well. */
  const asking = (url: URL | string, capabilities: readonly string[] = ['http']): Promise<Uint8Array> =>
    guest({ name: 'sample', capabilities }, (text) =>
      executing(`(call $http ${text(JSON.stringify({ url })).both})`),
    );

  it('is answered when it declares it, is granted it, and the host is allowed', async () => {
    const url = await serve((_, response) => void response.end('hi'));
    const plugin = await load(await asking(url), {
      capabilities: ['http'],
      http: { allowedHosts: ['127.0.0.1'] },
    });
    const output = await plugin.execute(INPUT);
    expect([output.status, output.body, output.error]).toEqual([
      200,
      Buffer.from('hi').toString('base64'),
      undefined,
    ]);
  });

  it('is not loaded when it declares it and is not granted it, which nobody is who is not named', async () => {
    const bytes = await asking('http://a.test');
    for (const capabilities of [undefined, [], {}, { 'b.wasm': ['http' as const] }]) {
      const error = await failureOf(load(bytes, { capabilities }));
      expect(error).toBeInstanceOf(MissingCapabilityError);
      expect(error).toMatchObject({ code: 'denied', plugin: 'a.wasm', capability: 'http' });
    }
  });

  it('is not loaded when it declares what there is not', async () => {
    const error = await failureOf(
      load(await asking('http://a.test', ['http', 'grpc']), { capabilities: ['http'] }),
    );
    expect(error).toBeInstanceOf(MissingCapabilityError);
    expect(error).toMatchObject({
      code: 'unsupported',
      message: 'plugin "a.wasm" requires unsupported capability "grpc"',
      plugin: 'a.wasm',
      capability: 'grpc',
    });
  });

  it('is refused when it does not declare it, whether it is granted or not', async () => {
    const { lines, logger } = keeping();
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(String(request.url));
      response.end();
    });
    const bytes = await asking(url, []);
    const http = { allowedHosts: ['127.0.0.1'] };
    const granted = await load(bytes, { capabilities: ['http'], http, logger });
    for (let count = 0; count < 2; count++) {
      expect(await granted.execute(INPUT)).toEqual({
        status: 0,
        duration_ms: 0,
        error: 'the capability http is not granted, because the plugin does not declare it',
      });
    }
    expect(lines).toEqual(['warn: it asks for HTTP, which it does not declare among its capabilities']);
    const { error } = await (await load(bytes, { http })).execute(INPUT);
    expect(error).toContain('not granted');
    expect(asked).toEqual([]);
  });

  it('is refused private addresses unless they are named', async () => {
    const url = await serve((_, response) => void response.end('secret'));
    const bytes = await asking(url);
    const byDefault = await load(bytes, { capabilities: ['http'] });
    expect((await byDefault.execute(INPUT)).error).toBe('127.0.0.1 is no public address');
    const elsewhere = await load(bytes, { capabilities: ['http'], http: { allowedHosts: ['a.test'] } });
    expect((await elsewhere.execute(INPUT)).error).toMatch(
      /is not allowed \(no allowedHosts match "127\.0\.0\.1"\)$/,
    );
  });

  it('asks for many at a time in many plugins, and each waits for its own', async () => {
    const url = await serve((request, response) => void response.end(request.url));
    const made = runtime({ capabilities: ['http'], http: { allowedHosts: ['127.0.0.1'] } });
    const bytes = await Promise.all([1, 2, 3, 4].map((own) => asking(new URL(`/${own}`, url))));
    const plugins = await Promise.all(bytes.map((module, at) => made.loadPlugin(`${at}.wasm`, module)));
    const bodies = await Promise.all(
      plugins.map((plugin) =>
        Promise.all(Array.from({ length: 25 }, async () => (await plugin.execute(INPUT)).body)),
      ),
    );
    const expected = [1, 2, 3, 4].map((own) => Array(25).fill(Buffer.from(`/${own}`).toString('base64')));
    expect(bodies).toEqual(expected);
  });

  it('is stopped in the middle when its caller cancels or closes it, and answers after a cancel', async () => {
    const { promise: reached, resolve: arrive } = Promise.withResolvers<void>();
    let stuck = true;
    const url = await serve((_, response) => {
      if (stuck) arrive();
      else response.end('hi');
    });
    const plugin = await load(await asking(url), {
      capabilities: ['http'],
      http: { allowedHosts: ['127.0.0.1'] },
    });
    const abort = new AbortController();
    const canceled = failureOf(plugin.execute(INPUT, { signal: abort.signal }));
    await reached;
    abort.abort();
    expect((await canceled).code).toBe('canceled');
    stuck = false;
    expect((await plugin.execute(INPUT)).status).toBe(200);
    stuck = true;
    const closed = failureOf(plugin.execute(INPUT));
    await new Promise(setImmediate);
    await plugin.close();
    expect((await closed).code).toBe('canceled');
  });
});

describe('a runtime', () => {
  it.each<[WasmRuntimeOptions, number]>([
    [{}, 40_000],
    [{ http: { timeoutMs: 60_000 } }, 70_000],
    [{ http: { timeoutMs: 60_000 }, limits: { callMs: 5_000 } }, 5_000],
  ])('with %j gives a call %s ms', async (options, callMs) => {
    const inline = createInlineRuntime();
    const given: unknown[] = [];
    const opening: Runtime = {
      open: (source, opened) => {
        given.push(opened.limits);
        return inline.open(source, opened);
      },
    };
    await runtime({ ...options, runtime: opening }).loadPlugin('a.wasm', await guest({ name: 'sample' }));
    expect(given).toEqual([{ callMs }]);
  });

  it('checks its options when it is made', () => {
    expect(() => new WasmRuntime({ capabilities: ['grpc' as 'http'] })).toThrow(
      'there is no capability "grpc" to grant',
    );
    expect(() => new WasmRuntime({ http: { timeoutMs: 0 } })).toThrow(
      'timeoutMs must be a positive whole number, not 0',
    );
  });

  it.each<[string, WasmRuntimeOptions]>([
    ['threads of its own', {}],
    ['a runtime of the app’s', { runtime: createInlineRuntime() }],
  ])('closes what it loaded, loads no more, and may be closed again, on %s', async (_where, options) => {
    const made = new WasmRuntime(options);
    const bytes = await guest({ name: 'sample' });
    const plugin = await made.loadPlugin('a.wasm', bytes);
    const loading = failureOf(made.loadPlugin('b.wasm', bytes));
    await Promise.all([made.close(), made.close()]);
    expect(await plugin.validate(INPUT)).toEqual([{ field: '', message: 'plugin "a.wasm" is closed' }]);
    expect(await loading).toMatchObject({ code: 'unavailable', message: 'the runtime is closed' });
    expect(await failureOf(made.loadPlugin('c.wasm', bytes))).toMatchObject({
      code: 'unavailable',
      message: 'the runtime is closed',
      plugin: 'c.wasm',
    });
  });

  it('ends the threads that it started', async () => {
    const threads: Worker[] = [];
    const started = (thread: Worker): void => void threads.push(thread);
    process.on('worker', started);
    onTestFinished(() => void process.off('worker', started));
    const made = new WasmRuntime();
    await made.loadPlugin('a.wasm', await guest({ name: 'sample' }));
    expect(threads.length).toBeGreaterThan(0);
    await made.close();
    // Node's number of a thread that has ended.
    await vi.waitFor(() => expect(threads.every(({ threadId }) => threadId === -1)).toBe(true));
  });

  it('loads plugins for a registry, which closes them', async () => {
    const registry = new Registry();
    const plugin = await load(await guest({ name: 'sample', protocols: ['x'] }));
    registry.register(plugin);
    expect(registry.lookup('x')).toBe(plugin);
    await registry.close();
    expect(await plugin.validate(INPUT)).toEqual([{ field: '', message: 'plugin "a.wasm" is closed' }]);
  });
});
