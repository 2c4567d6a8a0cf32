import { contentAddress, pluginOutput } from '@plugbay/core';
import { FakeClock, wat } from '@plugbay/testing';
import type { LocalPlugin } from '@plugbay/wasm';
import { describe, expect, it, vi } from 'vitest';
import { doorTo, env, failureOf, openWat } from '../../../test/open.ts';

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

  it('answers at once and as a promise', async () => {
    const plugin = await openWat(ECHO);
    expect(plugin.callSync('echo', '{"a":[1,2]}').json()).toEqual({ a: [1, 2] });
    const output = await plugin.call('echo', Uint8Array.of(1, 2, 3));
    expect([...output.bytes]).toEqual([1, 2, 3]);
    expect(Object.keys(output)).toEqual(Object.keys(pluginOutput(new Uint8Array(0))));
  });

  it.each([
    ['other', 'not_found', 'Function not found: other', 'It has echo.'],
    ['toString', 'not_found', 'Function not found: toString', 'It has echo.'],
    ['memory', 'invalid', 'export "memory" is a memory, not a function', undefined],
    ['add', 'invalid', 'Function add has type (i32, i32) -> i32, expected () -> () or () -> i32', undefined],
    ['long', 'invalid', 'Function long has type () -> i64, expected () -> () or () -> i32', undefined],
    ['pair', 'invalid', 'Function pair has 2 results, expected 0 or 1', undefined],
  ])('cannot be called by %s', async (name, code, message, hint) => {
    const plugin = await openWat(ECHO);
    const error = await failureOf(() => plugin.callSync(name));
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

  it('does not share memory or variables with another of the same module', async () => {
    const source = `(module (global $count (mut i32) (i32.const 0))
      (func (export "count") (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count)))`;
    const [one, other] = [await openWat(source), await openWat(source, { tenant: 'umbrella' })];
    for (const plugin of [one, other]) {
      expect((await failureOf(() => plugin.callSync('count'))).message).toBe(
        'Returned non-zero exit code: 1',
      );
    }
  });
});

describe('a call that the engine cannot keep its promise for', () => {
  it('is refused when it has a time limit', async () => {
    const plugin = await openWat(ECHO);
    const error = await failureOf(() => plugin.callSync('echo', 'x', { timeoutMs: 1_000 }));
    expect([error.code, error.message]).toEqual([
      'unsupported',
      'the inline engine cannot stop a running call, so it takes no timeoutMs',
    ]);
  });
});

describe('a call that nobody waits for any more', () => {
  it('is canceled at its next host call', async () => {
    const controller = new AbortController();
    const call = vi.fn(() => controller.abort());
    const plugin = await openWat(CALLING, { functions: { app: { call } } });
    const error = await failureOf(() => plugin.callSync('run', 'xxx', { signal: controller.signal }));
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
    expect(plugin.callSync('echo', 'x', { invocation }).text()).toBe('x');
    clock.advance(1);
    const error = await failureOf(() => plugin.callSync('echo', 'x', { invocation }));
    expect([error.code, error.message, error.stateLost]).toEqual([
      'timeout',
      'the deadline of the invocation has passed',
      false,
    ]);
  });

  it('is checked at every host call', async () => {
    const clock = new FakeClock();
    const call = vi.fn(() => clock.advance(10));
    const plugin = await openWat(CALLING, { clock, functions: { app: { call } } });
    const invocation = { id: 'one', depth: 0, deadline: clock.now() + 25 };
    const error = await failureOf(() => plugin.callSync('run', 'xxxxx', { invocation }));
    expect([error.code, error.stateLost, call.mock.calls.length]).toEqual(['timeout', true, 3]);
  });
});

describe('a plugin that is called from its own host function', () => {
  async function reentrant(act: (plugin: LocalPlugin) => unknown): Promise<LocalPlugin> {
    const plugin: LocalPlugin = await openWat(CALLING, {
      functions: { app: { call: () => void act(plugin) } },
    });
    return plugin;
  }

  it('refuses, and the call that it serves fails with that', async () => {
    const plugin = await reentrant((self) => self.callSync('run'));
    const error = await failureOf(() => plugin.callSync('run', 'x'));
    expect([error.code, error.message]).toEqual([
      'conflict',
      'the plugin is running: it cannot be called from its own host functions',
    ]);
    expect(plugin.callSync('run').bytes).toHaveLength(0);
  });

  it('refuses a promise of a call as well, and goes on when nobody waits for it', async () => {
    let inner: Promise<unknown> | undefined;
    const plugin = await reentrant((self) => {
      inner = failureOf(() => self.call('run'));
    });
    expect(plugin.callSync('run', 'x').bytes).toHaveLength(0);
    expect(await inner).toMatchObject({ code: 'conflict' });
  });

  it('can call another plugin', async () => {
    const echo = await openWat(ECHO);
    const plugin = await openWat(CALLING, {
      functions: { app: { call: () => void echo.callSync('echo', 'x') } },
    });
    expect(plugin.callSync('run', 'xx').bytes).toHaveLength(0);
  });

  it('can be closed there; the call that it serves ends as it would have', async () => {
    const plugin = await reentrant((self) => self.close());
    expect(plugin.callSync('run', 'xx').stateLost).toBe(false);
    await expect(plugin.call('run')).rejects.toMatchObject({ code: 'unavailable' });
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
    await failureOf(() => plugin.callSync('trap'));
    crash = 1;
    expect(await failureOf(() => plugin.callSync('run'))).toMatchObject({
      code: 'trap',
      phase: 'call',
      stateLost: false,
    });
    crash = 0;
    expect(plugin.callSync('run').bytes).toHaveLength(0);
  });
});
