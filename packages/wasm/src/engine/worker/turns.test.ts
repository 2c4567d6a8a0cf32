// Plugins share threads: nobody keeps others from theirs, by what it does or by how often it is called.
import type { PluginOutput } from '@plugbay/core';
import { describe, expect, it, vi } from 'vitest';
import { asking, type Gate, gate, PASSING, TALKER } from '../../../test/contract/talker.ts';
import { testedEngine } from '../../../test/contract/worker.ts';
import { doorTo, env, failureOf } from '../../../test/open.ts';
import { SLOTS } from './layout.ts';

// A busy machine takes its time.
const PATIENCE = 20_000;

describe('plugins on one thread', () => {
  it('are many, each with its own memory and variables', async () => {
    const { engine, open } = testedEngine();
    const plugins = await Promise.all(
      Array.from({ length: 100 }, (_, index) => open(TALKER, { functions: PASSING, tenant: `${index}` })),
    );
    await Promise.all(plugins.map((plugin, index) => plugin.call('set', `kept by ${index}`)));
    for (let round = 1; round <= 3; round++) {
      const counts = await Promise.all(plugins.map((plugin) => plugin.call('count')));
      expect(counts.map(({ bytes }) => bytes[0])).toEqual(plugins.map(() => round));
    }
    const kept = await Promise.all(plugins.map((plugin) => plugin.call('get')));
    expect(kept.map((output) => output.text())).toEqual(plugins.map((_, index) => `kept by ${index}`));
    expect(engine.threads.map(({ residents }) => residents)).toEqual([100]);
  });

  it.each([false, true])('have their turns while one of them spins, metered: %s', async (metered) => {
    const { engine, open } = testedEngine();
    const spinner = await open(TALKER, { functions: PASSING, metered });
    const neighbour = await open(TALKER, { functions: PASSING });
    const controller = new AbortController();
    const spinning = failureOf(() => spinner.call('spin', '', { signal: controller.signal }));
    for (let round = 1; round <= 20; round++)
      expect([...(await neighbour.call('count')).bytes]).toEqual([round]);
    controller.abort();
    expect((await spinning).code).toBe('canceled');
    expect(engine.threads).toHaveLength(1);
  });

  it('go on while another one spins that came after they had asked their host', async () => {
    const { open } = testedEngine();
    const [asked, answer] = [gate(), gate()];
    const waiting = await open(TALKER, {
      functions: asking(async (_context: unknown, block: bigint) => {
        asked.open();
        await answer.opened;
        return block;
      }),
    });
    const spinner = await open(TALKER, { functions: PASSING });
    const call = waiting.call('ask', 'x');
    await asked.opened;
    const controller = new AbortController();
    const spinning = failureOf(() => spinner.call('spin', '', { signal: controller.signal }));
    // Long enough for it to have the thread.
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer.open();
    expect((await call).text()).toBe('x');
    controller.abort();
    expect((await spinning).code).toBe('canceled');
  });

  it('wait for their hosts together: none of fifty keeps another one from being called', async () => {
    const { engine, open } = testedEngine();
    const gates: Gate<void>[] = [];
    const functions = asking(async (_context: unknown, block: bigint) => {
      const answer = gate();
      gates.push(answer);
      await answer.opened;
      return block;
    });
    const plugins = await Promise.all(Array.from({ length: 50 }, () => open(TALKER, { functions })));
    const calls = plugins.map((plugin, index) => plugin.call('ask', `${index}`));
    await vi.waitFor(() => expect(gates).toHaveLength(50), PATIENCE);
    const neighbour = await open(TALKER, { functions: PASSING });
    expect((await neighbour.call('ask', 'there')).text()).toBe('there');
    for (const answer of gates.reverse()) answer.open();
    const texts = (await Promise.all(calls)).map((output) => output.text());
    expect(texts).toEqual(plugins.map((_, index) => `${index}`));
    expect(engine.threads).toHaveLength(1);
  });

  it('that wait in great numbers use up its room, and are answered all the same', {
    timeout: 4 * PATIENCE,
  }, async () => {
    const { open } = testedEngine();
    const answer = gate();
    let asked = 0;
    // A busy machine takes its time to make a thousand instances.
    const limits = { callMs: 2 * PATIENCE };
    const pool = { stateless: true, instances: 100 };
    const functions = asking(async (_context: unknown, block: bigint) => {
      asked += 1;
      await answer.opened;
      return block;
    });
    const plugins = await Promise.all(
      Array.from({ length: 11 }, () => open(TALKER, { functions, pool, limits })),
    );
    const calls = plugins.flatMap((plugin) =>
      Array.from({ length: 100 }, (_, index) => plugin.call('ask', `${index}`)),
    );
    await vi.waitFor(() => expect(asked).toBe(SLOTS), 2 * PATIENCE);
    answer.open();
    const texts = (await Promise.all(calls)).map((output) => output.text());
    expect(texts).toEqual(calls.map((_, index) => `${index % 100}`));
  });
});

describe('a flood of calls', () => {
  const keyed = (fairness: string) => ({ invocation: { id: 'one', depth: 0, fairness } });

  it('of one key does not keep the calls of another key behind it, on one plugin', async () => {
    const { open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING });
    const done: string[] = [];
    const call = (key: string): Promise<unknown> =>
      plugin.call('echo', 'x', keyed(key)).then(() => done.push(key));
    const calls = [...Array.from({ length: 500 }, () => call('flood')), call('other')];
    await Promise.all(calls);
    expect(done.indexOf('other')).toBeLessThan(3);
    expect(done).toHaveLength(501);
  });

  it('does not keep the calls of another plugin behind it, on one thread', async () => {
    const { open } = testedEngine();
    const pool = { stateless: true, instances: 60 };
    const [flooded, other] = [
      await open(TALKER, { functions: PASSING, pool }),
      await open(TALKER, { functions: PASSING, tenant: 'other' }),
    ];
    await Promise.all(Array.from({ length: 60 }, () => flooded.call('echo', 'x')));
    const done: string[] = [];
    const calls = Array.from({ length: 500 }, () =>
      flooded.call('echo', 'x', keyed('flood')).then(() => done.push('flood')),
    );
    calls.push(other.call('echo', 'x').then(() => done.push('other')));
    await Promise.all(calls);
    // Behind those that the thread has taken before: 16 ahead, and as many answers on their way.
    expect(done.indexOf('other')).toBeLessThan(40);
  });

  it('is refused beyond what may wait, of one key and of all', async () => {
    const { open } = testedEngine();
    const plugin = await open(TALKER, {
      functions: PASSING,
      pool: { waiting: 10, waitingOfKey: 6 },
    });
    const outcome = (call: Promise<PluginOutput>): Promise<string> =>
      call.then(
        () => 'answered',
        ({ code, message }) => `${code}: ${message}`,
      );
    const outcomes = await Promise.all(
      ['a', 'b'].flatMap((key) =>
        Array.from({ length: 8 }, () => outcome(plugin.call('echo', 'x', keyed(key)))),
      ),
    );
    const count = new Map<string, number>();
    for (const each of outcomes) count.set(each, (count.get(each) ?? 0) + 1);
    expect([...count]).toEqual([
      ['answered', 11],
      ['limit: 6 calls of one fairness key wait already', 1],
      ['limit: 10 calls wait already', 4],
    ]);
    expect((await plugin.call('echo', 'x')).text()).toBe('x');
  });
});

describe('while a module starts', () => {
  const STARTING = `(module ${env('alloc', 'store_u8', 'length', 'output_set')}
    (import "app" "ask" (func $ask (param i64) (result i64)))
    (global $got (mut i64) (i64.const 0))
    (func (export "_initialize") (local $block i64)
      (local.set $block (call $alloc (i64.const 2)))
      (global.set $got (call $length (call $ask (local.get $block)))))
    (func (export "got") (local $block i64)
      (local.set $block (call $alloc (i64.const 1)))
      (call $store_u8 (local.get $block) (i32.wrap_i64 (global.get $got)))
      (call $output_set (local.get $block) (i64.const 1))))`;

  it.each([
    ['at once', (context: { store(text: string): bigint }) => context.store('answer')],
    [
      'later',
      async (context: { store(text: string): bigint }) => {
        await new Promise(setImmediate);
        return context.store('answer');
      },
    ],
  ])('its host functions may answer %s', async (_how, ask) => {
    const { open } = testedEngine();
    const plugin = await open(STARTING, { functions: asking(ask as never) });
    expect([...(await plugin.call('got')).bytes]).toEqual([6]);
  });

  it('others have its thread until its host has answered', async () => {
    const { engine, open } = testedEngine({ threads: 1, maxThreads: 3 });
    const answer = gate();
    let asked = 0;
    const functions = asking(async () => {
      asked += 1;
      await answer.opened;
      return 0n;
    });
    const opening = Array.from({ length: 10 }, () => open(STARTING, { functions }));
    await vi.waitFor(() => expect(asked).toBe(10), PATIENCE);
    const neighbour = await open(TALKER, { functions: PASSING });
    expect((await neighbour.call('echo', 'x')).text()).toBe('x');
    expect(engine.threads).toHaveLength(1);
    answer.open();
    const plugins = await Promise.all(opening);
    for (const plugin of plugins) expect([...(await plugin.call('got')).bytes]).toEqual([0]);
  });

  it.each([
    ['its start function', '(start $begin)'],
    ['its _initialize', '(export "_initialize" (func $begin))'],
  ])('others have their turns while it spins in %s', async (_where, start) => {
    const { engine, open } = testedEngine();
    let spins = 0;
    const neighbour = await open(TALKER, { functions: PASSING });
    const plugin = await open(
      `(module (import "app" "spins" (func $spins (result i32)))
        (func $begin (if (call $spins) (then (loop $again (br $again))))) ${start}
        (func (export "trap") unreachable) (func (export "run")))`,
      { functions: { app: { spins: () => spins } } },
    );
    await failureOf(() => plugin.call('trap'));
    spins = 1;
    const controller = new AbortController();
    const spinning = failureOf(() => plugin.call('run', '', { signal: controller.signal }));
    for (let round = 1; round <= 20; round++)
      expect([...(await neighbour.call('count')).bytes]).toEqual([round]);
    controller.abort();
    expect((await spinning).code).toBe('canceled');
    spins = 0;
    await plugin.call('run');
    expect(engine.threads.map(({ quarantine }) => quarantine)).toEqual([false]);
  });

  it('it may be given up while its host does not answer, and its thread goes on', async () => {
    const { engine, open } = testedEngine();
    const neighbour = await open(TALKER, { functions: PASSING });
    const { threads } = engine;
    const error = await failureOf(() =>
      open(STARTING, { functions: asking(async () => new Promise(() => undefined)), limits: { callMs: 50 } }),
    );
    expect([error.code, error.phase]).toEqual(['timeout', 'open']);
    expect((await neighbour.call('echo', 'x')).text()).toBe('x');
    expect(engine.threads).toEqual(threads);
    expect(threads[0]?.residents).toBe(1);
  });
});

// Its `allocate`, which its host calls to hand over a call's input, asks that host for something: a guest cannot be suspended where
// JavaScript has called it.
const ALLOCATING = `(module
  (import "apiqube" "host_http_request" (func $http (param i32 i32) (result i64)))
  (memory (export "memory") 1) (data (i32.const 0) "{}")
  (global $asking (mut i32) (i32.const 0))
  (func (export "plugin_info") (result i64) (i64.const 2))
  (func (export "allocate") (param $size i32) (result i64)
    (if (i32.eqz (global.get $asking)) (then
      (global.set $asking (i32.const 1))
      (drop (call $http (i32.const 0) (i32.const 2)))))
    (i64.or (i64.shl (i64.const 4096) (i64.const 32)) (i64.extend_i32_u (local.get $size))))
  (func (export "echo") (param i64) (result i64) (local.get 0)))`;

describe('guests that cannot be suspended', () => {
  it('hold their threads while their hosts do not answer, and plugins that come then get others, up to a number', async () => {
    const { engine, open } = testedEngine({ threads: 1, maxThreads: 3 });
    const answer = gate();
    let asked = 0;
    const request = async () => {
      asked += 1;
      await answer.opened;
      return { bytes: Buffer.from('{}') };
    };
    const door = doorTo({ 'apiqube.http_request': request }, ['apiqube.http_request']);
    const calls: Promise<PluginOutput>[] = [];
    for (let plugins = 1; plugins <= 4; plugins++) {
      const opening = open(ALLOCATING, { door });
      calls.push(opening.then((plugin) => plugin.call('echo', `${plugins}`)));
      if (plugins <= 3) await vi.waitFor(() => expect(asked).toBe(plugins), PATIENCE);
    }
    await new Promise(setImmediate);
    expect(engine.threads).toHaveLength(3);
    answer.open();
    expect((await Promise.all(calls)).map((output) => output.text())).toEqual(['1', '2', '3', '4']);
  });
});
