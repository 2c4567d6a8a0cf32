// Calls of an Extism plugin, how they are refused, and how a plugin is closed.
import { contentAddress, pluginOutput } from '@plugbay/core';
import { FakeClock, wat } from '@plugbay/testing';
import { describe, expect, it, vi } from 'vitest';
import { doorTo, env, failureOf } from '../../open.ts';
import { where } from '../../where.ts';
import type { ContractEngine, EnginePlugin } from '../engine.ts';

const ECHO = `(module
  ${env('input_offset', 'input_length', 'output_set')}
  (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32) (i32.const 0))
  (func (export "pair") (result i32 i32) (i32.const 0) (i32.const 0))
  (func (export "long") (result i64) (i64.const 0))
  (func (export "echo") (call $output_set (call $input_offset) (call $input_length))))`;

// `run` calls app.call as often as its input has bytes.
const CALLING = `(module ${env('input_length')}
  (import "app" "call" (func $call))
  (func (export "run")
    (local $left i64)
    (local.set $left (call $input_length))
    (loop $next
      (if (i64.ne (local.get $left) (i64.const 0))
        (then (call $call) (local.set $left (i64.sub (local.get $left) (i64.const 1))) (br $next))))))`;

/** Declares the tests. */
export function callingTests({ openWat, facts }: ContractEngine): void {
  describe('a plugin', () => {
    it('says what it is', async () => {
      const plugin = await openWat(ECHO);
      expect(plugin.info).toEqual({
        name: 'sample',
        kind: 'wasm',
        abi: 'extism',
        digest: contentAddress(await wat(ECHO)),
        exports: ['echo'],
      });
      expect([plugin.has('echo'), plugin.has('add'), plugin.has('memory'), plugin.has('toString')]).toEqual([
        true,
        false,
        false,
        false,
      ]);
    });

    it('answers text and bytes', async () => {
      const plugin = await openWat(ECHO);
      expect((await plugin.call('echo', '{"a":[1,2]}')).json()).toEqual({ a: [1, 2] });
      const output = await plugin.call('echo', Uint8Array.of(1, 2, 3));
      expect([...output.bytes]).toEqual([1, 2, 3]);
      expect(Object.keys(output)).toEqual(Object.keys(pluginOutput(new Uint8Array(0))));
    });

    it('rejects, and does not throw, what fails in a call that is awaited', async () => {
      const plugin = await openWat(ECHO);
      const call = plugin.call('other');
      await expect(call).rejects.toMatchObject({ code: 'not_found' });
    });

    it.each([
      ['other', 'not_found', 'Function not found: other', 'It has echo.'],
      ['toString', 'not_found', 'Function not found: toString', 'It has echo.'],
      ['memory', 'invalid', 'export "memory" is a memory, not a function', undefined],
      [
        'add',
        'invalid',
        'Function add has type (i32, i32) -> i32, expected () -> () or () -> i32',
        undefined,
      ],
      ['long', 'invalid', 'Function long has type () -> i64, expected () -> () or () -> i32', undefined],
      ['pair', 'invalid', 'Function pair has 2 results, expected 0 or 1', undefined],
    ])('cannot be called by %s', async (name, code, message, hint) => {
      const plugin = await openWat(ECHO);
      const error = await failureOf(() => plugin.call(name));
      expect(error).toMatchObject({
        code,
        message,
        hint,
        phase: 'call',
        plugin: 'sample',
        tenant: 'acme',
        stateLost: false,
      });
    });

    it('names only some of many functions that it has', async () => {
      const functions = Array.from({ length: 30 }, (_, index) => `(func (export "f${index}"))`).join('');
      const plugin = await openWat(`(module ${functions})`);
      expect((await failureOf(() => plugin.call('x'))).hint).toBe(
        `It has ${Array.from({ length: 20 }, (_, index) => `f${index}`).join(', ')} and 10 more.`,
      );
      const none = await openWat(
        `(module (import "extism:host/env" "alloc" (func (param i64) (result i64))))`,
      );
      expect((await failureOf(() => none.call('x'))).hint).toBe('The plugin has no function at all.');
    });

    it('does not share memory or variables with another of the same module', async () => {
      const source = `(module (global $count (mut i32) (i32.const 0))
        (func (export "count") (result i32)
          (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count)))`;
      const [one, other] = [await openWat(source), await openWat(source, { tenant: 'umbrella' })];
      for (const plugin of [one, other]) {
        expect((await failureOf(() => plugin.call('count'))).message).toBe('Returned non-zero exit code: 1');
      }
    });
  });

  describe('a call', () => {
    where(facts.stopsUnmetered, 'may have a time limit, and is stopped then', async () => {
      const plugin = await openWat(
        '(module (func (export "spin") (loop $again (br $again))) (func (export "ok")))',
      );
      const error = await failureOf(() => plugin.call('spin', '', { timeoutMs: 20 }));
      expect([error.code, error.message, error.stateLost]).toEqual([
        'timeout',
        'the call took longer than 20 ms',
        true,
      ]);
      expect((await plugin.call('ok', '', { timeoutMs: 60_000 })).stateLost).toBe(false);
    });

    where(!facts.stopsUnmetered, 'with a time limit that cannot be kept is refused', async () => {
      const plugin = await openWat(ECHO);
      const error = await failureOf(() => plugin.call('echo', 'x', { timeoutMs: 1_000 }));
      expect([error.code, error.message]).toEqual([
        'unsupported',
        'the inline engine cannot stop a running call, so it takes no timeoutMs',
      ]);
    });

    it('is canceled when its signal is aborted already', async () => {
      const plugin = await openWat(ECHO);
      const reason = new Error('the user left');
      const error = await failureOf(() => plugin.call('echo', 'x', { signal: AbortSignal.abort(reason) }));
      expect([error.code, error.message, error.cause]).toEqual(['canceled', 'the call was canceled', reason]);
    });
  });

  describe('a call that nobody waits for any more', () => {
    it('is canceled at its next host call', async () => {
      const controller = new AbortController();
      const call = vi.fn(() => controller.abort());
      const plugin = await openWat(CALLING, { functions: { app: { call } } });
      const error = await failureOf(() => plugin.call('run', 'xxx', { signal: controller.signal }));
      expect([error.code, error.message, error.stateLost, call.mock.calls.length]).toEqual([
        'canceled',
        'the call was canceled',
        true,
        1,
      ]);
    });
  });

  describe('the deadline of an invocation', () => {
    it('is checked before the guest runs', async () => {
      const clock = new FakeClock();
      const plugin = await openWat(ECHO, { clock });
      const invocation = { id: 'one', depth: 0, deadline: clock.now() };
      expect((await plugin.call('echo', 'x', { invocation })).text()).toBe('x');
      clock.advance(1);
      const error = await failureOf(() => plugin.call('echo', 'x', { invocation }));
      expect([error.code, error.message, error.stateLost]).toEqual([
        'timeout',
        'the deadline of the invocation has passed',
        false,
      ]);
    });

    it('is checked at every host call', async () => {
      const clock = new FakeClock();
      const call = vi.fn(() => clock.advance(10_000));
      const plugin = await openWat(CALLING, { clock, functions: { app: { call } } });
      const invocation = { id: 'one', depth: 0, deadline: clock.now() + 25_000 };
      const error = await failureOf(() => plugin.call('run', 'xxxxx', { invocation }));
      expect([error.code, error.stateLost, call.mock.calls.length]).toEqual(['timeout', true, 3]);
    });
  });

  describe('a plugin that is called from its own host function', () => {
    async function reentrant(act: (plugin: EnginePlugin) => unknown): Promise<EnginePlugin> {
      const plugin: EnginePlugin = await openWat(CALLING, {
        functions: { app: { call: () => void act(plugin) } },
      });
      return plugin;
    }

    it('refuses, and goes on when nobody waits for that', async () => {
      let inner: Promise<unknown> | undefined;
      const plugin = await reentrant((self) => {
        inner = failureOf(() => self.call('run'));
      });
      expect((await plugin.call('run', 'x')).bytes).toHaveLength(0);
      expect(await inner).toMatchObject({ code: 'conflict' });
    });

    it('can call another plugin', async () => {
      const echo = await openWat(ECHO);
      const plugin = await openWat(CALLING, {
        functions: { app: { call: () => void echo.call('echo', 'x') } },
      });
      expect((await plugin.call('run', 'xx')).bytes).toHaveLength(0);
    });

    it('can be closed there; the call that it serves ends as it would have', async () => {
      let closed: Promise<void> | undefined;
      const plugin = await reentrant((self) => {
        closed = self.close({ drainMs: 60_000 });
      });
      expect((await plugin.call('run', 'xx')).stateLost).toBe(false);
      await closed;
      await expect(plugin.call('run')).rejects.toMatchObject({ code: 'unavailable' });
    });
  });

  describe('a plugin that is closed', () => {
    it('tells its owner, once', async () => {
      let told = 0;
      const plugin = await openWat('(module (func (export "run")))', { onClose: () => told++ });
      await plugin.call('run');
      expect(told).toBe(0);
      await plugin.close();
      await plugin.close();
      expect(told).toBe(1);
    });

    it('is unavailable, whatever is asked of it, and can be closed again', async () => {
      const plugin = await openWat(ECHO);
      await plugin.close();
      await plugin.close({ drainMs: 1_000 });
      for (const call of [
        () => plugin.call('echo'),
        () => plugin.call('other'),
        () => plugin.call('echo', 'x'),
      ]) {
        expect(await failureOf(call)).toMatchObject({
          code: 'unavailable',
          message: 'the plugin is closed',
          plugin: 'sample',
          tenant: 'acme',
          phase: 'call',
        });
      }
    });

    it('is so at the end of an await using', async () => {
      let kept: EnginePlugin;
      {
        await using plugin = await openWat(ECHO);
        kept = plugin;
        expect((await plugin.call('echo', 'x')).text()).toBe('x');
      }
      expect((await failureOf(() => kept.call('echo'))).code).toBe('unavailable');
    });
  });

  describe('an instance that has to be made again', () => {
    it('and crashes while starting fails the call, and the next tries again', async () => {
      const source = `(module (import "app" "call" (func $call (result i32)))
        (func (export "_initialize") (if (call $call) (then unreachable)))
        (func (export "trap") unreachable)
        (func (export "run")))`;
      let crash = 0;
      const plugin = await openWat(source, { functions: { app: { call: () => crash } }, door: doorTo({}) });
      await failureOf(() => plugin.call('trap'));
      crash = 1;
      expect(await failureOf(() => plugin.call('run'))).toMatchObject({
        code: 'trap',
        phase: 'call',
        stateLost: false,
      });
      crash = 0;
      expect((await plugin.call('run')).bytes).toHaveLength(0);
    });
  });
}
