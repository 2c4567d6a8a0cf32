// What becomes of everybody on a thread that is ended because a guest on it does not stop.
import type { PlugbayError, Plugin } from '@plugbay/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { asking, gate, PASSING, TALKER } from '../../../test/contract/talker.ts';
import { testedEngine } from '../../../test/contract/worker.ts';
import { failureOf } from '../../../test/open.ts';
import type { Thread } from './thread.ts';
import { ThreadLine } from './thread-line.ts';

// A busy machine takes its time.
const PATIENCE = 20_000;

// There is no single instruction that takes long enough for this, so guests are not told to look up.
function makeGuestsDeaf(): () => void {
  const told = vi.spyOn(ThreadLine.prototype, 'lookUp').mockImplementation(() => undefined);
  return () => told.mockRestore();
}

afterEach(() => {
  vi.restoreAllMocks();
});

// A call may be over before its guest has begun, on a machine that has much else to do: then there is nobody to stop.
async function spinUntilKilled(plugin: Plugin, thread: Thread | undefined): Promise<PlugbayError> {
  for (;;) {
    const error = await failureOf(() => plugin.call('spin', '', { timeoutMs: 20 }));
    for (let waits = 0; waits < 150; waits++) {
      if (thread?.ended) return error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const unavailable = { code: 'unavailable', stateLost: true };

describe('a guest that does not stop', () => {
  it('loses its thread and nothing else: its plugin goes on in a new instance', async () => {
    const { engine, open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING });
    await plugin.call('set', 'kept');
    const [before] = engine.threads;
    const hear = makeGuestsDeaf();
    expect(await spinUntilKilled(plugin, before)).toMatchObject({ code: 'timeout', stateLost: true });
    hear();
    const count = await plugin.call('count');
    expect([...count.bytes, count.stateLost]).toEqual([1, false]);
    expect((await plugin.call('get')).text()).toBe('kept');
    expect(plugin.stats()).toMatchObject({ instances: 1, busy: 0 });
  });

  it('does not keep those from their answers who waited behind it', async () => {
    const { engine, open } = testedEngine();
    const culprit = await open(TALKER, { functions: PASSING });
    const others = await Promise.all(Array.from({ length: 40 }, () => open(TALKER, { functions: PASSING })));
    const [before] = engine.threads;
    const hear = makeGuestsDeaf();
    const spinning = spinUntilKilled(culprit, before);
    do {
      const texts = await Promise.all(
        others.map(async (other, index) => (await other.call('echo', `${index}`)).text()),
      );
      expect(texts).toEqual(others.map((_, index) => `${index}`));
    } while (!before?.ended);
    expect((await spinning).code).toBe('timeout');
    hear();
  });

  it('takes suspended neighbours along, who are told, and idle ones’ memory, who are told with their next answer', async () => {
    const { engine, open } = testedEngine();
    const culprit = await open(TALKER, { functions: PASSING });
    const idle = await open(TALKER, { functions: PASSING, tenant: 'idle' });
    const fresh = await open(TALKER, { functions: PASSING, tenant: 'fresh' });
    const asked = gate();
    const suspended = await open(TALKER, {
      tenant: 'suspended',
      functions: asking(async () => {
        asked.open();
        return new Promise(() => undefined);
      }),
    });
    await idle.call('set', 'kept');
    await idle.call('count');
    const waiting = failureOf(() => suspended.call('ask', 'x'));
    await asked.opened;
    const [before] = engine.threads;
    const hear = makeGuestsDeaf();
    await spinUntilKilled(culprit, before);
    const error = await waiting;
    expect(error).toMatchObject({ ...unavailable, plugin: 'sample', tenant: 'suspended', phase: 'call' });
    expect(error.message).toBe('the thread on which the plugin waited was ended because of another one');
    hear();
    expect(before?.ended).toBe(true);

    const [first, second] = [await idle.call('count'), await idle.call('count')];
    expect([...first.bytes, first.stateLost, ...second.bytes, second.stateLost]).toEqual([1, true, 2, false]);
    expect((await idle.call('get')).text()).toBe('kept');
    const [after, later] = [await suspended.call('count'), await suspended.call('count')];
    expect([...after.bytes, after.stateLost, later.stateLost]).toEqual([1, false, false]);
    expect((await fresh.call('count')).bytes[0]).toBe(1);
  });

  it('is put on a thread of its own, where it ends nobody else’s', async () => {
    const { engine, open } = testedEngine();
    const culprit = await open(TALKER, { functions: PASSING });
    const neighbour = await open(TALKER, { functions: PASSING });
    const spin = async (): Promise<void> => {
      const hear = makeGuestsDeaf();
      const own = engine.threads.find(({ quarantine }) => quarantine) ?? engine.threads[0];
      expect((await spinUntilKilled(culprit, own)).code).toBe('timeout');
      hear();
    };
    await spin();
    expect((await neighbour.call('count')).stateLost).toBe(true);
    for (let round = 2; round < 5; round++) {
      expect((await culprit.call('echo', 'x')).text()).toBe('x');
      expect(engine.threads.filter(({ quarantine }) => quarantine)).toHaveLength(1);
      await spin();
      const count = await neighbour.call('count');
      expect([...count.bytes, count.stateLost]).toEqual([round, false]);
    }
    await culprit.close();
    await vi.waitFor(
      () => expect(engine.threads.filter(({ quarantine }) => quarantine)).toEqual([]),
      PATIENCE,
    );
  });

  it('because its caller left is not to blame', async () => {
    const { engine, open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING });
    const [before] = engine.threads;
    const hear = makeGuestsDeaf();
    while (!before?.ended) {
      const signal = AbortSignal.timeout(30);
      expect((await failureOf(() => plugin.call('spin', '', { signal }))).code).toBe('canceled');
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    hear();
    expect((await plugin.call('echo', 'x')).text()).toBe('x');
    expect(engine.threads.map(({ quarantine }) => quarantine)).toEqual([false]);
  });

  it('shares the threads for such plugins with others when there are many', async () => {
    const { engine, open } = testedEngine();
    const plugins = await Promise.all(Array.from({ length: 7 }, () => open(TALKER, { functions: PASSING })));
    for (const [index, plugin] of plugins.entries()) {
      const hear = makeGuestsDeaf();
      await spinUntilKilled(
        plugin,
        engine.threads.find(({ quarantine }) => !quarantine),
      );
      hear();
      expect((await plugin.call('echo', 'x')).text()).toBe('x');
      const held = engine.threads.filter(({ quarantine }) => quarantine);
      expect(held).toHaveLength(Math.min(index + 1, 4));
      // It needs a thread of its own only the first time.
      for (const each of plugins) await each.call('echo', 'x');
    }
    expect(engine.threads.filter(({ quarantine }) => !quarantine).length).toBeLessThanOrEqual(1);
  });
});

describe('a thread that ends by itself', () => {
  it('fails what ran on it, loses what lived there, and is replaced', async () => {
    const { engine, open } = testedEngine();
    const plugins = await Promise.all(Array.from({ length: 3 }, () => open(TALKER, { functions: PASSING })));
    for (const plugin of plugins) await plugin.call('count');
    engine.threads[0]?.end();
    for (const plugin of plugins) {
      const count = await plugin.call('count');
      expect([...count.bytes, count.stateLost]).toEqual([1, true]);
    }
  });

  it('again and again, under load: every call is settled, and none twice', async () => {
    const { engine, open } = testedEngine({ threads: 2, maxThreads: 2 });
    const wait = asking(async (_context: unknown, block: bigint) => {
      await new Promise(setImmediate);
      return block;
    });
    const plugins = await Promise.all(
      Array.from({ length: 6 }, () =>
        open(TALKER, {
          functions: wait,
          pool: { stateless: true, instances: 3, waiting: 5_000, waitingOfKey: 5_000 },
        }),
      ),
    );
    const settled: string[] = [];
    const asked: Promise<void>[] = [];
    const wrong: string[] = [];
    let calls = 0;
    for (let round = 0; round < 100; round++) {
      for (const plugin of plugins)
        for (const name of ['echo', 'ask']) {
          const text = `${calls++}`;
          const settle = (how: string): void => void settled.push(`${text} ${how}`);
          asked.push(
            plugin.call(name, text).then(
              (output) => {
                if (output.text() !== text) wrong.push(`${output.text()} for ${text}`);
                settle('answered');
              },
              (error) => {
                if (error.code !== 'unavailable') wrong.push(`${error.code}: ${error.message}`);
                settle('failed');
              },
            ),
          );
        }
      await new Promise(setImmediate);
      engine.threads[round % engine.threads.length]?.end();
      await new Promise((resolve) => setTimeout(resolve, round % 10));
    }
    await Promise.all(asked);
    expect(wrong).toEqual([]);
    expect(settled).toHaveLength(calls);
    expect(new Set(settled.map((line) => line.split(' ')[0])).size).toBe(calls);
    for (const plugin of plugins) {
      expect((await plugin.call('echo', 'x')).text()).toBe('x');
      expect(plugin.stats()).toMatchObject({ busy: 0, waiting: 0 });
    }
    expect(engine.threads.every(({ active }) => active === 0)).toBe(true);
  });
});

describe('a call whose threads end before they begin it', () => {
  it('moves a few times, and is not tried without end', async () => {
    const { engine, open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING });
    // Nobody tells the thread.
    const told = vi.spyOn(ThreadLine.prototype, 'remind').mockImplementation(() => undefined);
    const call = failureOf(() => plugin.call('echo', 'x'));
    for (let ends = 0; ends < 4; ends++) engine.threads[0]?.end();
    expect(await call).toMatchObject({
      code: 'unavailable',
      message: '4 threads ended before they began the call',
    });
    told.mockRestore();
    expect((await plugin.call('echo', 'y')).text()).toBe('y');
  });
});
