// What the app’s own code may do to an engine: throw whatever there is, and answer what is none.
import { asynchronous, type HostDoor, type HostReply, type Logger, PlugbayError } from '@plugbay/core';
import { FakeClock } from '@plugbay/testing';
import { describe, expect, it, vi } from 'vitest';
import { doorTo, env, failureOf, keepingLogger } from '../../open.ts';
import { where } from '../../where.ts';
import type { ContractEngine } from '../engine.ts';

/** `run` calls app.ask; `catch` does and catches whatever comes. */
export const ASKING: string = `(module (import "app" "ask" (func $ask (param i64) (result i64)))
  (func (export "run") (drop (call $ask (i64.const 0))))
  (func (export "catch") (try (do (drop (call $ask (i64.const 0)))) (catch_all)))
  (func (export "ok")))`;

const LOGGING = `(module ${env('alloc', 'log_info')}
  (func (export "run") (call $log_info (call $alloc (i64.const 1))))
  (func (export "ok")))`;

const untouchable = (): never => {
  throw new Error('hands off');
};
const throwing: Logger = { ...keepingLogger(), info: () => untouchable() };
const PROXY = new Proxy({}, { has: untouchable, get: untouchable, getPrototypeOf: untouchable });

/** What may be thrown, by what it is, and what its text is. */
export const THROWN: [string, unknown, string][] = [
  ['null', null, 'null'],
  ['undefined', undefined, 'undefined'],
  ['a string', 'no', 'no'],
  ['a symbol', Symbol('no'), 'Symbol(no)'],
  ['a frozen object', Object.freeze({}), '[object Object]'],
  ['an object without a prototype', Object.create(null), 'a thrown object without a message'],
  ['a proxy that cannot be looked at', PROXY, 'a thrown object without a message'],
  ['what only claims to be an error of ours', { [Symbol.for('plugbay.error')]: true }, '[object Object]'],
];

/** Expects the error of a call of {@link ASKING} whose host function threw one of {@link THROWN}. */
export function expectThrown(error: PlugbayError, thrown: unknown, text: string): void {
  expect(error).toBeInstanceOf(PlugbayError);
  expect([error.code, error.message, error.stateLost]).toEqual([
    'internal',
    `host function app/ask: ${text}`,
    true,
  ]);
  expect(Object.is(error.cause, thrown ?? undefined)).toBe(true);
}

/** Declares the tests. */
export function appCodeTests({ openWat, facts }: ContractEngine): void {
  describe('whatever a host function throws', () => {
    it.each(THROWN)('as %s fails the call with it as the cause', async (_, thrown, text) => {
      const ask = (): bigint => {
        throw thrown;
      };
      const now = await openWat(ASKING, { functions: { app: { ask } } });
      const later = await openWat(ASKING, { functions: { app: { ask: async () => ask() } } });
      for (const name of ['run', 'catch']) {
        for (const call of [() => now.call(name), () => later.call(name)]) {
          expectThrown(await failureOf(call), thrown, text);
        }
      }
      expect([now.stats().busy, later.stats().busy]).toEqual([0, 0]);
    });
  });

  describe('whatever a door does', () => {
    const broken = (door: Partial<HostDoor>): HostDoor => ({ ...doorTo({}), mode: () => 'sync', ...door });
    const answering = (reply: unknown): HostDoor => broken({ callSync: () => reply as HostReply });
    const later = (reply: unknown): HostDoor =>
      broken({
        mode: (space) => (space === 'app' ? 'async' : undefined),
        call: async () => reply as HostReply,
      });

    it.each([
      ['nothing', undefined],
      ['null', null],
      ['a promise', Promise.resolve({ bytes: new Uint8Array(0) })],
      ['text', { bytes: 'text' }],
      ['no bytes', { error: 'no' }],
      ['an error that is no text', { bytes: new Uint8Array(0), error: new Error('no') }],
    ])('an answer that is %s fails the call, also when the guest catches it', async (_, reply) => {
      for (const door of [answering(reply), ...(reply instanceof Promise ? [] : [later(reply)])]) {
        const plugin = await openWat(ASKING, { door });
        for (const name of ['run', 'catch']) {
          const error = await failureOf(() => plugin.call(name));
          expect([error.code, error.message.split(':')[0]]).toEqual(['internal', 'host call app.ask']);
        }
        expect(plugin.stats().busy).toBe(0);
      }
    });

    it('an asynchronous one that throws at once is one that refuses', async () => {
      const denied = new PlugbayError('denied', 'not this one');
      const door = broken({
        mode: () => 'async',
        call: () => {
          throw denied;
        },
      });
      const plugin = await openWat(ASKING, { door });
      for (const name of ['run', 'catch'])
        expect(await failureOf(() => plugin.call(name))).toMatchObject({
          code: 'denied',
          message: 'not this one',
        });
    });

    it('an answer by a thenable of its own comes once', async () => {
      const ask = asynchronous(
        () =>
          ({
            // biome-ignore lint/suspicious/noThenProperty: what an app's own kind of promise is
            then(resolve: (value: bigint) => void) {
              resolve(0n);
              resolve(1n);
            },
          }) as Promise<bigint>,
      );
      const plugin = await openWat(ASKING, { functions: { app: { ask } } });
      expect((await plugin.call('run')).bytes).toHaveLength(0);
    });
  });

  describe('a logger that throws', () => {
    where(!facts.loggerFailsCalls, 'changes nothing for the call that logs', async () => {
      const plugin = await openWat(LOGGING, { logger: throwing });
      expect((await plugin.call('run')).stateLost).toBe(false);
      expect((await plugin.call('ok')).stateLost).toBe(false);
    });

    where(facts.loggerFailsCalls, 'fails the call that logs, and no other', async () => {
      const plugin = await openWat(LOGGING, { logger: throwing });
      expect(await failureOf(() => plugin.call('run'))).toMatchObject({
        code: 'internal',
        message: 'the logger failed: hands off',
      });
      expect((await plugin.call('ok')).stateLost).toBe(false);
    });
  });

  describe('an onClose that throws', () => {
    it('rejects the close, after everything was closed', async () => {
      const controller = { told: 0 };
      const plugin = await openWat(ASKING, {
        functions: { app: { ask: async () => new Promise<bigint>(() => undefined) } },
        onClose: () => {
          controller.told += 1;
          throw new Error('forgot nothing');
        },
      });
      const [running, queued] = [failureOf(() => plugin.call('run')), failureOf(() => plugin.call('run'))];
      await new Promise(setImmediate);
      expect(await failureOf(() => plugin.close())).toMatchObject({
        code: 'internal',
        message: 'forgot nothing',
        phase: 'release',
        plugin: 'sample',
      });
      expect([(await running).code, (await queued).code]).toEqual(['canceled', 'canceled']);
      await plugin.close();
      expect(controller.told).toBe(1);
    });
  });

  describe('a call that ends early', () => {
    const hanging = { app: { ask: async () => new Promise<bigint>(() => undefined) } };

    it('by its time says so, also when its timer is early by a part of a millisecond', async () => {
      const plugin = await openWat(ASKING, { functions: hanging, metered: true });
      for (let round = 0; round < 10; round++) {
        expect(await failureOf(() => plugin.call('run', '', { timeoutMs: 3 }))).toMatchObject({
          code: 'timeout',
          message: 'the call took longer than 3 ms',
        });
      }
    });

    it('by its deadline says so, when that comes before its time', async () => {
      const clock = new FakeClock();
      const plugin = await openWat(ASKING, { functions: hanging, metered: true, clock });
      const invocation = { id: 'one', depth: 0, deadline: clock.now() + 10 };
      const error = failureOf(() => plugin.call('run', '', { timeoutMs: 20, invocation }));
      clock.advance(10);
      expect((await error).message).toBe('the deadline of the invocation has passed');
    });

    it('unwinds its guest, which can do nothing any more in its name', async () => {
      const logger = keepingLogger();
      const source = `(module (import "app" "ask" (func $ask (param i64) (result i64)))
        ${env('alloc', 'store_u8', 'var_set', 'var_get', 'log_info', 'length')}
        (func $block (result i64) (local $block i64)
          (local.set $block (call $alloc (i64.const 1))) (call $store_u8 (local.get $block) (i32.const 65))
          (local.get $block))
        (func (export "run")
          (try (do (drop (call $ask (i64.const 0)))) (catch_all))
          (call $log_info (call $block))
          (try (do (drop (call $ask (i64.const 0)))) (catch_all))
          (call $var_set (call $block) (call $block)))
        (func (export "kept") (result i32) (i32.wrap_i64 (call $length (call $var_get (call $block))))))`;
      let asked = 0;
      const ask = (): Promise<bigint> => {
        asked += 1;
        return new Promise(() => undefined);
      };
      const controller = new AbortController();
      const plugin = await openWat(source, { functions: { app: { ask: async () => ask() } }, logger });
      const call = failureOf(() => plugin.call('run', '', { signal: controller.signal }));
      await vi.waitFor(() => expect(asked).toBe(1));
      controller.abort();
      expect((await call).code).toBe('canceled');
      await new Promise(setImmediate);
      expect([asked, logger.lines]).toEqual([1, []]);
      expect((await plugin.call('kept')).bytes).toHaveLength(0);
    });
  });
}
