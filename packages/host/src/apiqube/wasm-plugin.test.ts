import { completeLogger, type Plugin as Opened, PlugbayError, pluginOutput } from '@plugbay/core';
import { FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import type { ExecutionEvents } from './event-sink.ts';
import { PluginInfo } from './plugin-info.ts';
import { WasmPlugin } from './wasm-plugin.ts';

type Answer = (
  input: string,
  options: NonNullable<Parameters<Opened['call']>[2]>,
) => string | Promise<string>;

const INPUT = { target: 'http://a.test' };
const LOST = new PlugbayError('trap', 'it crashed', { stateLost: true });

/** A plugin over an engine that answers by these functions, and what was done to that. */
function plugin(answers: Readonly<Record<string, Answer>>): {
  plugin: WasmPlugin;
  log: string[];
  warnings: string[];
  clock: FakeClock;
} {
  const log: string[] = [];
  const warnings: string[] = [];
  const clock = new FakeClock();
  const opened: Opened = {
    info: { name: 'a.wasm', kind: 'wasm', abi: 'apiqube', digest: '', exports: Object.keys(answers) },
    has: (name) => Object.hasOwn(answers, name),
    call: async (name, input, options) => {
      log.push(`${name} ${input}`);
      const text = (await answers[name]?.(String(input), options ?? {})) ?? '';
      return pluginOutput(Buffer.from(text), text === 'worn out');
    },
    close: async () => void log.push('close'),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const logger = completeLogger({
    warn: (facts: object | string, message?: string) => warnings.push(`${JSON.stringify(facts)} ${message}`),
  });
  const info = new PluginInfo({ name: 'http', events: { Sent: { description: '', fields: {} } } });
  const made = new WasmPlugin({ opened, info, logger, clock, onClose: () => log.push('closed') });
  return { plugin: made, log, warnings, clock };
}

const failureOf = (promise: Promise<unknown>): Promise<PlugbayError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: PlugbayError) => error,
  );

describe('a plugin in a module', () => {
  it('is given a test and answers with its output', async () => {
    const { plugin: http, log } = plugin({
      execute: () =>
        '{"status":201,"headers":{"A":"b"},"body":[1],"duration_ms":3,"metadata":{"c":1},"error":"no"}',
    });
    expect(await http.execute({ ...INPUT, method: 'GET' })).toStrictEqual({
      status: 201,
      headers: { A: 'b' },
      body: [1],
      duration_ms: 3,
      error: 'no',
      metadata: { c: 1 },
    });
    expect(log).toEqual(['execute {"method":"GET","target":"http://a.test"}']);
  });

  it('answers with the empty output when it answers nothing', async () => {
    const { plugin: http } = plugin({ execute: () => '' });
    expect(await http.execute(INPUT)).toStrictEqual({ status: null, duration_ms: 0 });
  });

  it('fails to execute where its answer cannot be read, or it crashes', async () => {
    const { plugin: http } = plugin({ execute: () => '{"headers":{"a":1}}' });
    expect(await failureOf(http.execute(INPUT))).toMatchObject({
      code: 'invalid',
      message: 'decode execute result: headers.a must be a string, not the number 1',
    });
    const { plugin: crashing } = plugin({ execute: () => Promise.reject(LOST) });
    expect(await failureOf(crashing.execute(INPUT))).toMatchObject({
      code: 'trap',
      message: 'execute: it crashed',
      stateLost: true,
      cause: LOST,
    });
    expect(await failureOf(http.execute({ target: '', fields: { a: 1n } }))).toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^execute: what the plugin is given has no JSON: /),
    });
  });

  it('never fails to validate: what stops it is a problem of no field', async () => {
    const problems = [{ field: 'target', message: 'is required' }];
    expect(await plugin({ validate: () => JSON.stringify(problems) }).plugin.validate(INPUT)).toEqual(
      problems,
    );
    expect(await plugin({ validate: () => '' }).plugin.validate(INPUT)).toEqual([]);
    const stopped: [Readonly<Record<string, Answer>>, string][] = [
      [{ validate: () => Promise.reject(LOST) }, 'it crashed'],
      [{ validate: () => '{}' }, 'the document must be a list, not an object'],
      [{}, 'plugin "a.wasm" has no export "validate"'],
    ];
    for (const [answers, message] of stopped) {
      expect(await plugin(answers).plugin.validate(INPUT)).toEqual([{ field: '', message }]);
    }
    const { plugin: closed } = plugin({ validate: () => '' });
    await closed.close();
    expect(await closed.validate(INPUT)).toEqual([{ field: '', message: 'plugin "a.wasm" is closed' }]);
    expect(await closed.validate({ target: '', fields: { a: 1n } })).toMatchObject([{ field: '' }]);
  });

  it('says which export it lacks', async () => {
    const { plugin: mute } = plugin({});
    expect(await failureOf(mute.execute(INPUT))).toMatchObject({
      code: 'not_found',
      message: 'execute: plugin "a.wasm" has no export "execute"',
      plugin: 'a.wasm',
    });
    expect(await failureOf(mute.init())).toMatchObject({
      code: 'not_found',
      message: 'init: plugin "a.wasm" has no export "plugin_init"',
    });
  });

  it('is initialised with a configuration or null; what it answers is logged', async () => {
    const {
      plugin: http,
      log,
      warnings,
    } = plugin({ plugin_init: (config) => (config === 'null' ? 'no\nway' : '') });
    await http.init({ depth: 1 });
    expect(warnings).toEqual([]);
    await http.init();
    expect(log).toEqual(['plugin_init {"depth":1}', 'plugin_init null']);
    expect(warnings).toEqual([
      '{"plugin":"a.wasm"} plugin_init answered "no\\nway", which counts for nothing',
    ]);
  });

  it('is initialised again when its memory was lost, before anything else runs', async () => {
    let crashes = 1;
    const { plugin: http, log } = plugin({
      plugin_init: () => '',
      execute: () => (crashes-- > 0 ? Promise.reject(LOST) : ''),
    });
    await http.init({ depth: 1 });
    const results = await Promise.allSettled([http.execute(INPUT), http.execute(INPUT), http.execute(INPUT)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(log.map((line) => line.split(' ')[0])).toEqual([
      'plugin_init',
      'execute',
      'plugin_init',
      'execute',
      'execute',
    ]);
  });

  it('says so when it cannot be initialised again, and tries it at the next call', async () => {
    const failures = [undefined, new PlugbayError('trap', 'not now'), undefined];
    const { plugin: http } = plugin({
      plugin_init: () => {
        const failure = failures.shift();
        return failure === undefined ? '' : Promise.reject(failure);
      },
      execute: (input) => (input.includes('crash') ? Promise.reject(LOST) : ''),
    });
    await http.init();
    await failureOf(http.execute({ target: 'crash' }));
    expect(await failureOf(http.execute(INPUT))).toMatchObject({
      code: 'trap',
      message: 'execute: init after its memory was lost: not now',
    });
    expect((await http.execute(INPUT)).status).toBeNull();
    expect(failures).toEqual([]);
  });

  it('is initialised again after an output that cost its memory, and not when it never was', async () => {
    const answers = { plugin_init: () => '', validate: () => 'worn out' };
    const worn = plugin(answers);
    await worn.plugin.init();
    await worn.plugin.validate(INPUT);
    await worn.plugin.validate(INPUT);
    const fresh = plugin(answers);
    await fresh.plugin.validate(INPUT);
    await fresh.plugin.validate(INPUT);
    const names = (log: readonly string[]): unknown => log.map((line) => line.split(' ')[0]);
    expect(names(worn.log)).toEqual(['plugin_init', 'validate', 'plugin_init', 'validate']);
    expect(names(fresh.log)).toEqual(['validate', 'validate']);
  });

  it('serves one call at a time', async () => {
    let running = 0;
    const most: number[] = [];
    const { plugin: http } = plugin({
      execute: async () => {
        running += 1;
        most.push(running);
        await new Promise(setImmediate);
        running -= 1;
        return '';
      },
    });
    await Promise.all(Array.from({ length: 50 }, () => http.execute(INPUT)));
    expect(Math.max(...most)).toBe(1);
  });

  it('hands on what ends a call early, less the time that it waited', async () => {
    const seen: unknown[] = [];
    const { plugin: http, clock } = plugin({
      execute: async (_, { signal, timeoutMs }) => {
        seen.push(signal, timeoutMs);
        await new Promise(setImmediate);
        clock.advance(30);
        return '';
      },
    });
    const { signal } = new AbortController();
    await Promise.all([
      http.execute(INPUT, { signal, timeoutMs: 100 }),
      http.execute(INPUT, { timeoutMs: 100 }),
    ]);
    await http.execute(INPUT);
    expect(seen).toEqual([signal, 100, undefined, 70, undefined, undefined]);
  });

  it('hands events to its sink: those that it emits, then those in its output', async () => {
    const { plugin: http } = plugin({
      execute: (_, { context }) => {
        (context as ExecutionEvents).emitted(Buffer.from('{"plugin":"http","kind":"Sent","data":{"at":1}}'));
        return '{"events":[{"plugin":"http","kind":"Sent","data":{"at":2}}]}';
      },
    });
    const heard: unknown[] = [];
    const output = await http.execute(INPUT, { emit: ({ data }, { origin }) => heard.push([origin, data]) });
    expect(heard).toEqual([
      ['emitted', { at: 1 }],
      ['embedded', { at: 2 }],
    ]);
    expect(output.events).toEqual([{ plugin: 'http', kind: 'Sent', data: { at: 2 } }]);
    expect((await http.execute(INPUT)).status).toBeNull();
  });

  it('fails to execute when the sink throws', async () => {
    const { plugin: http } = plugin({ execute: () => '{"events":[{"kind":"Sent"}]}' });
    const emit = (): void => {
      throw new Error('full');
    };
    expect(await failureOf(http.execute(INPUT, { emit }))).toMatchObject({
      code: 'internal',
      message: 'execute: full',
    });
  });

  it('is closed once, and says so from then on', async () => {
    const { plugin: http, log } = plugin({ execute: () => '', plugin_init: () => '' });
    await Promise.all([http.close(), http.close()]);
    await http.close({ drainMs: 10 });
    expect(log).toEqual(['close', 'closed']);
    const closed = { code: 'unavailable', plugin: 'a.wasm' };
    expect(await failureOf(http.execute(INPUT))).toMatchObject({
      ...closed,
      message: 'execute: plugin "a.wasm" is closed',
    });
    expect(await failureOf(http.init())).toMatchObject({
      ...closed,
      message: 'init: plugin "a.wasm" is closed',
    });
    expect(http.info().name).toBe('http');
  });

  it('is closed when its calls have ended, those that wait among them', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { plugin: http, log } = plugin({ execute: () => promise, validate: () => '' });
    const calls = [http.execute(INPUT), http.validate(INPUT)];
    const closing = http.close({ drainMs: Number.POSITIVE_INFINITY });
    await new Promise(setImmediate);
    expect(log).toHaveLength(1);
    resolve('');
    await closing;
    expect(log.map((line) => line.split(' ')[0])).toEqual(['execute', 'validate', 'close', 'closed']);
    await Promise.all(calls);
  });

  it('is closed under its calls when their time is up, or somebody cannot wait', async () => {
    const endless = (): Promise<string> => new Promise(() => undefined);
    const drained = plugin({ execute: endless });
    void drained.plugin.execute(INPUT);
    const closing = drained.plugin.close({ drainMs: 10 });
    drained.clock.advance(10);
    await closing;
    expect(drained.log).toEqual(['execute {"target":"http://a.test"}', 'close', 'closed']);
    const hurried = plugin({ execute: endless });
    void hurried.plugin.execute(INPUT);
    const patient = hurried.plugin.close({ drainMs: Number.POSITIVE_INFINITY });
    await hurried.plugin.close();
    await patient;
    expect(hurried.clock.pendingTimers).toBe(0);
    expect(hurried.log).toEqual(['execute {"target":"http://a.test"}', 'close', 'closed']);
  });
});
