// Calls end at their deadlines, by whatever sets them and wherever they are, and their threads go on.
import type { CallOptions, Limits, PlugbayError, Plugin } from '@plugbay/core';
import { describe, expect, it, vi } from 'vitest';
import { asking, PASSING, TALKER } from '../../../test/contract/talker.ts';
import { testedEngine } from '../../../test/contract/worker.ts';
import { failureOf } from '../../../test/open.ts';
import { where } from '../../../test/where.ts';

// A busy machine takes its time.
const PATIENCE = 20_000;

interface Deadline {
  readonly limits?: Partial<Limits>;
  options(): CallOptions;
  readonly code: string;
  readonly message: string;
}

const MS = 50;
// Longer than a start takes, which it ends as well, also on a machine that has much else to do.
const CALL_MS = 600;
const DEADLINES: Readonly<Record<string, Deadline>> = {
  timeoutMs: {
    options: () => ({ timeoutMs: MS }),
    code: 'timeout',
    message: `the call took longer than ${MS} ms`,
  },
  'the deadline of its invocation': {
    options: () => ({ invocation: { id: 'one', depth: 0, deadline: Date.now() + MS } }),
    code: 'timeout',
    message: 'the deadline of the invocation has passed',
  },
  'its signal': {
    options: () => ({ signal: AbortSignal.timeout(MS) }),
    code: 'canceled',
    message: 'the call was canceled',
  },
  callMs: {
    limits: { callMs: CALL_MS },
    options: () => ({}),
    code: 'timeout',
    message: `the call took longer than callMs, which is ${CALL_MS}`,
  },
};

const never = asking(async () => new Promise(() => undefined));
const facts = ({ code, message, stateLost, plugin, phase }: PlugbayError): unknown[] => [
  code,
  message,
  stateLost,
  plugin,
  phase,
];

describe.each(Object.entries(DEADLINES))('a call that is ended by %s', (name, deadline) => {
  const ended = (stateLost: boolean): unknown[] => [
    deadline.code,
    deadline.message,
    stateLost,
    'sample',
    'call',
  ];

  it('while it runs ends, its instance is replaced, and its thread goes on', async () => {
    const { engine, open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING, limits: deadline.limits ?? {} });
    const [neighbour, threads] = [await open(TALKER, { functions: PASSING }), engine.threads];
    expect([...(await neighbour.call('count')).bytes]).toEqual([1]);
    await plugin.call('count');
    for (let round = 2; round < 5; round++) {
      expect(facts(await failureOf(() => plugin.call('spin', '', deadline.options())))).toEqual(ended(true));
      const after = await plugin.call('count');
      expect([...after.bytes, after.stateLost]).toEqual([1, false]);
      expect([...(await neighbour.call('count')).bytes]).toEqual([round]);
    }
    expect(engine.threads).toEqual(threads);
    expect(plugin.stats()).toMatchObject({ instances: 1, busy: 0, created: 4, discarded: 3 });
  });

  it('while its guest waits for the host ends, whoever answers is told, and its thread goes on', async () => {
    const { engine, open } = testedEngine();
    const plugin = await open(TALKER, { functions: never, limits: deadline.limits ?? {} });
    const { threads } = engine;
    const error = await failureOf(() => plugin.call('ask', 'x', deadline.options()));
    expect(facts(error)).toEqual(ended(true));
    expect([...(await plugin.call('count')).bytes]).toEqual([1]);
    expect(engine.threads).toEqual(threads);
    await vi.waitFor(() => expect(engine.threads.map(({ active }) => active)).toEqual([0]), PATIENCE);
  });

  where(name !== 'callMs', 'while it waits for an instance ends, and never runs', async () => {
    const { open } = testedEngine();
    const asked: string[] = [];
    const plugin = await open(TALKER, {
      functions: asking(async (context: { text(at: bigint): string }, at: bigint) => {
        asked.push(context.text(at));
        return new Promise(() => undefined);
      }),
    });
    const controller = new AbortController();
    const first = failureOf(() => plugin.call('ask', 'first', { signal: controller.signal }));
    expect(facts(await failureOf(() => plugin.call('ask', 'second', deadline.options())))).toEqual(
      ended(false),
    );
    expect(plugin.stats()).toMatchObject({ busy: 1, waiting: 0 });
    controller.abort();
    await first;
    expect([...(await plugin.call('count')).bytes]).toEqual([1]);
    expect(asked).toEqual(['first']);
  });

  it('while it waits for its turn on the thread ends', async () => {
    const { engine, open } = testedEngine();
    const spinner = await open(TALKER, { functions: PASSING });
    const others: Plugin[] = [];
    for (let count = 0; count < 40; count++)
      others.push(await open(TALKER, { functions: PASSING, limits: deadline.limits ?? {} }));
    const { threads } = engine;
    const spinning = failureOf(() => spinner.call('spin', '', { timeoutMs: 3 * MS }));
    const errors = await Promise.all(
      others.map((other) => failureOf(() => other.call('spin', '', deadline.options()))),
    );
    expect(new Set(errors.map(({ code, message }) => `${code}: ${message}`))).toEqual(
      new Set([`${deadline.code}: ${deadline.message}`]),
    );
    expect((await spinning).code).toBe('timeout');
    for (const other of others) expect((await other.call('echo', 'x')).text()).toBe('x');
    expect(engine.threads).toEqual(threads);
  });
});

describe('a deadline', () => {
  it('tells the caller before the guest has stopped', async () => {
    const { open } = testedEngine();
    const plugin = await open(TALKER, {
      functions: asking((_context: unknown, block: bigint) => {
        // Nobody can stop this.
        const end = performance.now() + 60;
        while (performance.now() < end);
        return block;
      }),
    });
    const controller = new AbortController();
    const call = failureOf(() => plugin.call('spin', '', { signal: controller.signal }));
    let settled = false;
    void call.then(() => {
      settled = true;
    });
    await new Promise(setImmediate);
    controller.abort();
    // A few microtasks, and no message from the thread.
    for (let turn = 0; turn < 10; turn++) await null;
    expect(settled).toBe(true);
  });

  it('ends a guest that asks its host for ever, also one that catches everything, and mixes up no answers', async () => {
    const { engine, open } = testedEngine();
    const plugin = await open(TALKER, {
      functions: PASSING,
      limits: { hostCalls: 1_000_000_000 },
      pool: { stateless: true, instances: 4 },
    });
    const neighbour = await open(TALKER, { functions: PASSING });
    const { threads } = engine;
    const wrong: string[] = [];
    for (let round = 0; round < 50; round++) {
      const late = ['asking', 'catching', 'asking', 'catching'].map((name, index) =>
        failureOf(() => plugin.call(name, 'x', { timeoutMs: 1 + ((round + index) % 5) })),
      );
      const texts = Array.from({ length: 5 }, (_, index) => `${round} ${index}`);
      const answers = await Promise.all(texts.map((text) => neighbour.call('echo', text)));
      answers.forEach((answer, index) => {
        if (answer.text() !== texts[index]) wrong.push(`${answer.text()} for ${texts[index]}`);
      });
      for (const { code } of await Promise.all(late)) if (code !== 'timeout') wrong.push(code);
      const text = (await plugin.call('echo', `${round}`)).text();
      if (text !== `${round}`) wrong.push(`${text} for ${round}`);
    }
    expect(wrong).toEqual([]);
    expect(engine.threads).toEqual(threads);
  });

  it('may be set off by what answers the guest, again and again', async () => {
    const { engine, open } = testedEngine();
    let controller = new AbortController();
    const plugin = await open(TALKER, {
      functions: asking(() => {
        controller.abort();
        return 0n;
      }),
    });
    const { threads } = engine;
    for (let round = 0; round < 100; round++) {
      controller = new AbortController();
      const error = await failureOf(() => plugin.call('ask', 'x', { signal: controller.signal }));
      expect(error.code).toBe('canceled');
      expect((await plugin.call('echo', `${round}`)).text()).toBe(`${round}`);
    }
    expect(engine.threads).toEqual(threads);
    await vi.waitFor(() => expect(engine.threads[0]?.active).toBe(0), PATIENCE);
  });

  it('of one among many that spin on a thread ends that one, and the others at theirs', async () => {
    const { engine, open } = testedEngine();
    const plugins = await Promise.all(Array.from({ length: 60 }, () => open(TALKER, { functions: PASSING })));
    const { threads } = engine;
    const errors = await Promise.all(
      plugins.map((plugin, index) =>
        failureOf(() => plugin.call('spin', '', { timeoutMs: 50 + index * 10 })),
      ),
    );
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['timeout']));
    for (const plugin of plugins) expect((await plugin.call('echo', 'x')).text()).toBe('x');
    expect(engine.threads).toEqual(threads);
  });
});
