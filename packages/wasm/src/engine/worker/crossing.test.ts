// What crosses between host and threads arrives as it was: bytes of all sizes, variables, errors, blocks, contexts.
import { PlugbayError } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { asking, gate, PASSING, TALKER } from '../../../test/contract/talker.ts';
import { testedEngine } from '../../../test/contract/worker.ts';
import { doorTo, env, failureOf } from '../../../test/open.ts';
import { COMPILED_HERE_BYTES } from '../../module/compile.ts';

interface Context {
  readonly context: unknown;
  text(at: bigint): string;
  read(at: bigint): Uint8Array;
  store(content: string | Uint8Array): bigint;
  setVariable(name: string, value: string): void;
}

// Around what a slot holds, and far beyond.
const SIZES = [
  0,
  1,
  31,
  33,
  3_900,
  ...range(4_000, 4_034),
  4_095,
  4_096,
  4_097,
  65_536,
  1_048_576,
  16_777_216,
];

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1 + (at >> 6)) bytes[at] = at * 31 + length;
  return bytes;
}

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

describe('bytes', () => {
  it('of any number go in and out', async () => {
    const { open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING });
    const changed: number[] = [];
    for (const size of SIZES) {
      const input = pattern(size);
      if (!same((await plugin.call('echo', input)).bytes, input)) changed.push(size);
      const text = 'é'.repeat(size >> 4);
      if ((await plugin.call('echo', text)).text() !== text) changed.push(-size);
    }
    expect(changed).toEqual([]);
  });

  it('of any number are read and stored by host functions, also where that takes more exchange memory', async () => {
    const { open } = testedEngine();
    const read: Uint8Array[] = [];
    const plugin = await open(TALKER, {
      functions: asking((context: Context, block: bigint) => {
        const bytes = context.read(block) ?? new Uint8Array(0);
        read.push(bytes);
        return context.store(bytes);
      }),
    });
    const changed: number[] = [];
    for (const size of SIZES.filter((each) => each > 0)) {
      const input = pattern(size);
      const { bytes } = await plugin.call('ask', input);
      if (!same(bytes, input) || !same(read.at(-1) as Uint8Array, input)) changed.push(size);
    }
    expect(changed).toEqual([]);
  });

  it('of any number go to the door and back', async () => {
    const { open } = testedEngine();
    const changed: number[] = [];
    for (const asynchronous of [[], ['app.ask']]) {
      const door = doorTo({ 'app.ask': ({ payload }) => ({ bytes: payload }) }, asynchronous);
      const plugin = await open(TALKER, { door });
      for (const size of SIZES.filter((each) => each > 0)) {
        const input = pattern(size);
        if (!same((await plugin.call('ask', input)).bytes, input)) changed.push(size);
      }
    }
    expect(changed).toEqual([]);
  });

  it('that a plugin answers belong to the caller', async () => {
    const { open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING });
    for (const size of [1, 100, 5_000, 100_000]) {
      const first = await plugin.call('echo', pattern(size), { output: 'view' });
      await plugin.call('echo', new Uint8Array(size).fill(0xee));
      expect(same(first.bytes, pattern(size))).toBe(true);
    }
  });
});

describe('variables', () => {
  it('are the same for all instances on all threads, whoever set them', async () => {
    const { engine, open } = testedEngine({ threads: 2, maxThreads: 2 });
    const release: (() => void)[] = [];
    const plugin = await open(TALKER, {
      pool: { stateless: true, instances: 4 },
      functions: asking(async (_context: unknown, block: bigint) => {
        const answer = gate();
        release.push(() => answer.open());
        if (release.length === 4) for (const each of release.splice(0)) each();
        await answer.opened;
        return block;
      }),
    });
    const all = async (name: string): Promise<string[]> =>
      Promise.all(Array.from({ length: 4 }, async () => (await plugin.call(name, 'x')).text()));
    await all('ask');
    expect(plugin.stats().instances).toBe(4);
    expect(engine.threads.map(({ residents }) => residents)).toEqual([2, 2]);
    for (let round = 0; round < 50; round++) {
      await plugin.call('set', `value ${round}`);
      expect(await all('get')).toEqual(Array.from({ length: 4 }, () => `value ${round}`));
    }
    await plugin.call('set', '');
    expect(await all('get')).toEqual(['', '', '', '']);
  });

  it('that a host function sets are there for its guest, and for everybody after', async () => {
    const { open } = testedEngine({ threads: 2, maxThreads: 2 });
    let value = 0;
    const plugin = await open(TALKER, {
      pool: { stateless: true, instances: 4 },
      functions: asking((context: Context, block: bigint) => {
        context.setVariable('k', `${value}`);
        return block;
      }),
    });
    for (value = 1; value <= 20; value++) {
      await plugin.call('ask', 'x');
      const seen = await Promise.all(Array.from({ length: 4 }, () => plugin.call('get')));
      expect(seen.map((output) => output.text())).toEqual(Array.from({ length: 4 }, () => `${value}`));
    }
  });

  it('stay set when the host function that set them fails', async () => {
    const { open } = testedEngine();
    let value = 0;
    const plugin = await open(TALKER, {
      functions: asking((context: Context) => {
        context.setVariable('k', `${value}`);
        throw new Error('after all');
      }),
    });
    for (value = 1; value <= 3; value++) {
      await failureOf(() => plugin.call('ask', 'x'));
      expect((await plugin.call('get')).text()).toBe(`${value}`);
    }
  });

  it('reach every thread although the call that would have brought them was given up', async () => {
    const { open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING, pool: { stateless: true, instances: 4 } });
    await Promise.all(Array.from({ length: 4 }, () => plugin.call('echo', 'x')));
    const stale: string[] = [];
    for (let round = 0; round < 50; round++) {
      await plugin.call('set', `${round}`);
      const controller = new AbortController();
      const call = failureOf(() => plugin.call('echo', 'x', { signal: controller.signal }));
      controller.abort();
      await call;
      const seen = (await plugin.call('get')).text();
      if (seen !== `${round}`) stale.push(`${seen} in round ${round}`);
    }
    expect(stale).toEqual([]);
  });

  it('survive the end of a thread', async () => {
    const { engine, open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING });
    await plugin.call('set', 'kept');
    engine.threads[0]?.end();
    expect((await plugin.call('get')).text()).toBe('kept');
  });
});

describe('errors', () => {
  it('of a guest’s crash have V8’s own as their cause', async () => {
    const { open } = testedEngine();
    const plugin = await open(TALKER, { functions: PASSING });
    const error = await failureOf(() => plugin.call('trap'));
    expect(error).toBeInstanceOf(PlugbayError);
    expect([error.code, error.message, error.stateLost]).toEqual([
      'trap',
      'the module trapped: unreachable',
      true,
    ]);
    expect(error.cause).toBeInstanceOf(WebAssembly.RuntimeError);
    expect((error.cause as Error).message).toBe('unreachable');
    expect((error.cause as Error).stack).toContain('wasm');
  });

  it('of the app’s own code are the very ones that it threw', async () => {
    const { open } = testedEngine();
    class OwnError extends Error {
      readonly details = { of: 'the app' };
    }
    const thrown = new OwnError('no such thing');
    const functions = [
      () => {
        throw thrown;
      },
      async () => {
        throw thrown;
      },
    ];
    for (const ask of functions) {
      const plugin = await open(TALKER, { functions: asking(ask) });
      const error = await failureOf(() => plugin.call('ask', 'x'));
      expect([error.code, error.message]).toEqual(['internal', 'host function app/ask: no such thing']);
      expect(error.cause).toBe(thrown);
    }
  });

  it('of ours, thrown by the app, keep their code, and their cause', async () => {
    const { open } = testedEngine();
    const cause = new Error('for a reason');
    const plugin = await open(TALKER, {
      functions: asking(() => {
        throw new PlugbayError('denied', 'not for you', { hint: 'Ask.', cause });
      }),
    });
    const error = await failureOf(() => plugin.call('ask', 'x'));
    expect([error.code, error.message, error.hint, error.plugin]).toEqual([
      'denied',
      'not for you',
      'Ask.',
      'sample',
    ]);
    expect(error.cause).toBe(cause);
  });
});

describe('a host function', () => {
  it('gets the context of the call by reference, and none once the call is over', async () => {
    const { open } = testedEngine();
    const seen: unknown[] = [];
    let kept: Context | undefined;
    const plugin = await open(TALKER, {
      functions: asking((context: Context, block: bigint) => {
        kept = context;
        seen.push(context.context);
        return block;
      }),
    });
    const context = { user: Symbol('one') };
    await plugin.call('ask', 'x', { context });
    expect(seen).toEqual([context]);
    expect(seen[0]).toBe(context);
    expect((await failureOf(() => kept?.read(0n))).code).toBe('unavailable');
  });
});

describe('a module', () => {
  it('that is large is compiled on a thread of its own, and does the same', async () => {
    const { open } = testedEngine();
    const bulk = `(func ${'(drop (i32.const 1))'.repeat(COMPILED_HERE_BYTES / 2)})`;
    const large = TALKER.replace(/\)$/, `${bulk})`);
    const plugin = await open(large, { functions: PASSING });
    expect((await plugin.call('ask', 'large')).text()).toBe('large');
    expect((await failureOf(() => plugin.call('spin', '', { timeoutMs: 20 }))).code).toBe('timeout');
    expect((await failureOf(() => open(large.replace('"spin"', '"echo"')))).code).toBe('invalid');
  });
});

describe('two thousand plugins', () => {
  it('that were opened and closed leave nothing on their threads, also those that could not start', async () => {
    const { engine, open } = testedEngine({ threads: 2, maxThreads: 2 });
    const working = await wat(TALKER);
    const failing = await wat(`(module ${env('alloc')} (func (export "_initialize") unreachable))`);
    for (let round = 0; round < 100; round++) {
      const plugins = await Promise.all(
        Array.from({ length: 15 }, () => open(working, { functions: PASSING })),
      );
      const failures = Promise.all(Array.from({ length: 5 }, () => failureOf(() => open(failing))));
      await Promise.all(plugins.map((plugin) => plugin.call('count')));
      await Promise.all(plugins.map((plugin) => plugin.close()));
      expect((await failures).map(({ code }) => code)).toEqual(['trap', 'trap', 'trap', 'trap', 'trap']);
    }
    expect(engine.threads.map(({ residents, vacant, active }) => [residents, vacant, active])).toEqual([
      [0, true, 0],
      [0, true, 0],
    ]);
  });
});
