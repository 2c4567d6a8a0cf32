// Host functions and host calls that answer later, and calls that overlap.
import { asynchronous, type HostFunctions, type PlugbayError } from '@plugbay/core';
import { FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { doorTo, env, failureOf } from '../../open.ts';
import { where } from '../../where.ts';
import type { ContractEngine } from '../engine.ts';

// `run` hands its input to app.ask, and answers with what it gets; a global counts the calls of the instance.
const ASKING = `(module ${env('input_offset', 'length', 'output_set')}
  (import "app" "ask" (func $ask (param i64) (result i64)))
  (global $calls (mut i32) (i32.const 0))
  (func (export "run") (local $answer i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $answer (call $ask (call $input_offset)))
    (call $output_set (local.get $answer) (call $length (local.get $answer))))
  (func (export "calls") (result i32) (global.get $calls)))`;

const STARTING = `(module (import "app" "ask" (func $ask (param i64) (result i64)))
  (func (export "_initialize") (drop (call $ask (i64.const 0)))) (func (export "run")))`;

const shout: HostFunctions = {
  app: {
    ask: async (context, at) => {
      const text = context.text(at as bigint);
      await Promise.resolve();
      return context.store(`${text}!`);
    },
  },
};

/** A promise and what settles it. */
function gate(): { opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Declares the tests. */
export function asynchronousTests({ openWat, facts }: ContractEngine): void {
  describe('an asynchronous host function', () => {
    it('suspends the guest until it has answered', async () => {
      const plugin = await openWat(ASKING, { functions: shout });
      expect((await plugin.call('run', 'hello')).text()).toBe('hello!');
      expect((await plugin.fn('run').call('again')).text()).toBe('again!');
    });

    it('may be a function that returns promises, when it is declared', async () => {
      const functions = {
        app: { ask: asynchronous((context) => Promise.resolve(context.store('declared'))) },
      };
      const plugin = await openWat(ASKING, { functions });
      expect((await plugin.call('run')).text()).toBe('declared');
    });

    it.each([
      ['rejects', () => Promise.reject(new Error('no such thing'))],
      [
        'throws',
        () => {
          throw new Error('no such thing');
        },
      ],
    ])('that %s fails the call with its error, and the next call works', async (_, fail) => {
      const answers = [fail, () => Promise.resolve(0n)];
      const plugin = await openWat(ASKING, {
        functions: { app: { ask: asynchronous(() => (answers.shift() as () => Promise<bigint>)()) } },
      });
      const error = await failureOf(() => plugin.call('run'));
      expect([error.code, error.message, (error.cause as Error).message, error.stateLost]).toEqual([
        'internal',
        'host function app/ask: no such thing',
        'no such thing',
        true,
      ]);
      expect((await plugin.call('run')).bytes).toHaveLength(0);
    });

    it('must answer with its type', async () => {
      const plugin = await openWat(ASKING, { functions: { app: { ask: async () => 7 } } });
      expect(await failureOf(() => plugin.call('run'))).toMatchObject({
        code: 'internal',
        message: 'host function app/ask returned number; its result is an i64, a bigint',
      });
    });

    it('keeps its context until the call has ended', async () => {
      let kept: { read(at: bigint): unknown } | undefined;
      const plugin = await openWat(ASKING, {
        functions: {
          app: {
            ask: async (context, at) => {
              kept = context;
              return at as bigint;
            },
          },
        },
      });
      await plugin.call('run', 'x');
      expect((await failureOf(() => kept?.read(0n))).code).toBe('unavailable');
    });

    where(facts.waitsWhileStarting, 'may be called while the module starts', async () => {
      const plugin = await openWat(STARTING, { functions: shout });
      expect((await plugin.call('run')).bytes).toHaveLength(0);
    });

    where(!facts.waitsWhileStarting, 'cannot be called while the module starts', async () => {
      expect((await failureOf(() => openWat(STARTING, { functions: shout }))).code).toBe('unsupported');
    });
  });

  describe('a host call that is answered asynchronously', () => {
    it('suspends the guest, and its bytes come back', async () => {
      const door = doorTo({ 'app.ask': async ({ payload }) => ({ bytes: Buffer.from(payload).reverse() }) }, [
        'app.ask',
      ]);
      const plugin = await openWat(ASKING, { door });
      expect((await plugin.call('run', 'abc')).text()).toBe('cba');
    });

    it('that is refused fails the call', async () => {
      const door = doorTo({ 'app.ask': () => Promise.reject(new Error('no')) }, ['app.ask']);
      const plugin = await openWat(ASKING, { door });
      expect(await failureOf(() => plugin.call('run'))).toMatchObject({
        code: 'internal',
        message: 'host call app.ask: no',
      });
    });
  });

  describe('calls at the same time', () => {
    it('of one instance run one after the other, in their order', async () => {
      const seen: string[] = [];
      const plugin = await openWat(ASKING, {
        functions: {
          app: {
            ask: async (context, at) => {
              seen.push(`begin ${context.text(at as bigint)}`);
              await new Promise(setImmediate);
              seen.push(`end ${context.text(at as bigint)}`);
              return at as bigint;
            },
          },
        },
      });
      const outputs = await Promise.all(['a', 'b', 'c'].map((input) => plugin.call('run', input)));
      expect(outputs.map((output) => output.text())).toEqual(['a', 'b', 'c']);
      expect(seen).toEqual(['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
      expect(plugin.stats()).toEqual({
        instances: 1,
        busy: 0,
        waiting: 0,
        calls: 3,
        created: 1,
        discarded: 0,
      });
    });

    it('of a stateless plugin run on instances of their own, and see nothing of each other', async () => {
      const all = gate();
      let running = 0;
      const plugin = await openWat(ASKING, {
        pool: { stateless: true, instances: 5 },
        functions: {
          app: {
            ask: async (context, at) => {
              running += 1;
              if (running === 5) all.open();
              await all.opened;
              return context.store(`${context.text(at as bigint)} of ${context.context}`);
            },
          },
        },
      });
      const names = ['a', 'b', 'c', 'd', 'e'];
      const outputs = await Promise.all(
        names.map((name) => plugin.call('run', name, { context: name.toUpperCase() })),
      );
      expect(outputs.map((output) => output.text())).toEqual([
        'a of A',
        'b of B',
        'c of C',
        'd of D',
        'e of E',
      ]);
      expect(plugin.stats()).toMatchObject({ instances: 5, busy: 0, created: 5, discarded: 0 });
    });

    it('never see each other’s bytes, however they overlap', async () => {
      const plugin = await openWat(ASKING, {
        pool: { stateless: true, instances: 7 },
        functions: {
          app: {
            ask: async (context, at) => {
              const before = context.text(at as bigint);
              for (let hops = before?.length ?? 0; hops > 0; hops--) await null;
              if (context.text(at as bigint) !== before) throw new Error('mixed up');
              return context.store(`${before}`);
            },
          },
        },
      });
      const inputs = Array.from({ length: 2_000 }, (_, index) => `${index}`.repeat(1 + (index % 9)));
      const outputs: string[] = [];
      for (let from = 0; from < inputs.length; from += 500) {
        const part = await Promise.all(
          inputs.slice(from, from + 500).map((input) => plugin.call('run', input)),
        );
        outputs.push(...part.map((output) => output.text()));
      }
      expect(outputs).toEqual(inputs);
    });
  });

  describe('a plugin that is called by its own asynchronous host function', () => {
    async function calling(
      act: (call: (name: string) => Promise<unknown>) => Promise<unknown>,
      stateless = false,
    ) {
      const self = await openWat(ASKING, {
        pool: stateless ? { stateless, instances: 2 } : {},
        functions: {
          app: {
            ask: async (context, at) => {
              if (context.length(at as bigint) > 0) await act((name) => self.call(name));
              return 0n;
            },
          },
        },
      });
      return self;
    }

    it('answers with conflict, also after the function has waited', async () => {
      let inner: PlugbayError | undefined;
      const plugin = await calling(async (call) => {
        await new Promise(setImmediate);
        inner = await failureOf(() => call('run'));
      });
      await plugin.call('run', 'x');
      expect([inner?.code, inner?.message]).toEqual([
        'conflict',
        'the plugin is running: it cannot be called from its own host functions',
      ]);
    });

    it('answers from another instance when it is stateless', async () => {
      const plugin = await calling((call) => call('run'), true);
      await plugin.call('run', 'x');
      expect(plugin.stats()).toMatchObject({ created: 2, calls: 2 });
    });

    it('waits for its turn when the call outlives the one that caused it', async () => {
      const over = gate();
      let late: Promise<unknown> | undefined;
      const plugin = await calling(async (call) => {
        late = over.opened.then(() => call('run'));
      });
      await plugin.call('run', 'x');
      over.open();
      await expect(late).resolves.toBeDefined();
    });
  });

  describe('a suspended call', () => {
    const waiting = (answer: Promise<unknown>) => ({
      app: { ask: async (_: unknown, at: number | bigint) => answer.then(() => at as bigint) },
    });

    it('ends when its signal is aborted; what the host answers later is nobody’s', async () => {
      const answer = gate();
      const controller = new AbortController();
      const plugin = await openWat(ASKING, { functions: waiting(answer.opened) });
      const call = plugin.call('run', 'x', { signal: controller.signal });
      await new Promise(setImmediate);
      controller.abort(new Error('the user left'));
      const error = await failureOf(() => call);
      expect([error.code, error.message, error.stateLost]).toEqual([
        'canceled',
        'the call was canceled',
        true,
      ]);
      answer.open();
      expect((await plugin.call('run', 'y')).text()).toBe('y');
    });

    it('ends at the deadline of its invocation, and tells whoever answers it', async () => {
      const clock = new FakeClock();
      const asked = gate();
      let signal: AbortSignal | undefined;
      const door = doorTo(
        {
          'app.ask': (call) => {
            signal = call.signal;
            asked.open();
            return new Promise(() => undefined);
          },
        },
        ['app.ask'],
      );
      const plugin = await openWat(ASKING, { clock, door });
      const invocation = { id: 'one', depth: 0, deadline: clock.now() + 60_000 };
      const call = plugin.call('run', 'x', { invocation });
      const error = failureOf(() => call);
      await asked.opened;
      clock.advance(60_001);
      expect(await error).toMatchObject({
        code: 'timeout',
        message: 'the deadline of the invocation has passed',
      });
      expect(signal?.aborted).toBe(true);
      expect(clock.pendingTimers).toBe(0);
    });

    it('ends when the plugin is closed, after the time to drain', async () => {
      const clock = new FakeClock();
      const plugin = await openWat(ASKING, { clock, functions: waiting(new Promise(() => undefined)) });
      const [running, queued] = [failureOf(() => plugin.call('run')), failureOf(() => plugin.call('run'))];
      await new Promise(setImmediate);
      const closed = plugin.close({ drainMs: 500 });
      expect(await queued).toMatchObject({ code: 'canceled', message: 'the plugin was closed' });
      expect((await failureOf(() => plugin.call('run'))).code).toBe('unavailable');
      clock.advance(500);
      expect(await running).toMatchObject({ code: 'canceled', message: 'the plugin was closed' });
      await closed;
      expect(clock.pendingTimers).toBe(0);
    });

    it('may finish while the plugin is closing', async () => {
      const answer = gate();
      const plugin = await openWat(ASKING, { functions: waiting(answer.opened) });
      const call = plugin.call('run', 'x');
      await new Promise(setImmediate);
      const closed = plugin.close({ drainMs: 60_000 });
      answer.open();
      expect((await call).text()).toBe('x');
      await closed;
    });

    it('that a guest does not let go of fails all the same', async () => {
      const source = `(module ${env('input_offset')}
        (import "app" "ask" (func $ask (param i64) (result i64)))
        (func (export "run") (try (do (drop (call $ask (call $input_offset)))) (catch_all))))`;
      const controller = new AbortController();
      const plugin = await openWat(source, { functions: waiting(new Promise(() => undefined)) });
      const call = plugin.call('run', 'x', { signal: controller.signal });
      await new Promise(setImmediate);
      controller.abort();
      expect(await failureOf(() => call)).toMatchObject({ code: 'canceled', stateLost: true });
    });
  });
}
