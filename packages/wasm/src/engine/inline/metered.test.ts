import type { OpenOptions } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { env, failureOf, openBytes, openWat } from '../../../test/open.ts';

const open = (source: string, options: Partial<OpenOptions> = {}) =>
  openWat(source, { metered: true, ...options });

// Ways to run for ever, each by its own means, and `ok`, which shows that a fresh instance works.
const RUNAWAYS = `(module ${env('input_length')}
  (import "app" "nothing" (func $nothing))
  (memory (export "memory") 16) (table $table 1 funcref) (elem (i32.const 0) $spin)
  (type $void (func))
  (func $spin (export "spin") (loop $again (br $again)))
  (func (export "recurse") (call $forever (i32.const 0)) drop)
  (func $forever (param i32) (result i32) (return_call $forever (local.get 0)))
  (func (export "indirect") (loop $again (call_indirect (type $void) (i32.const 0)) (br $again)))
  (func (export "fill") (loop $again
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 1048576)) (br $again)))
  (func (export "grow") (loop $again (drop (memory.grow (i32.const 1))) (br $again)))
  (func (export "table") (loop $again (drop (table.grow $table (ref.null func) (i32.const 1))) (br $again)))
  (func (export "host") (loop $again (call $nothing) (br $again)))
  (func (export "catching") (loop $again (try (do (call $spin)) (catch_all)) (br $again)))
  (func (export "ok")))`;
const functions = { app: { nothing: () => undefined } };

describe('a metered module that runs for ever', () => {
  const names = ['spin', 'recurse', 'indirect', 'fill', 'grow', 'table', 'host', 'catching'];

  it.each(names)('by %s ends with its fuel, and the next call works', async (name) => {
    const plugin = await open(RUNAWAYS, { functions, limits: { fuel: 1_000_000, hostCalls: 1_000_000_000 } });
    const error = await failureOf(() => plugin.callSync(name));
    expect([error.code, error.message, error.stateLost]).toEqual([
      'limit',
      'plugin ran out of fuel: it had 1000000 units for one call',
      true,
    ]);
    expect(plugin.callSync('ok').stateLost).toBe(false);
  });

  it.each(names)('by %s ends with its time', async (name) => {
    const plugin = await open(RUNAWAYS, { functions, limits: { hostCalls: 1_000_000_000 } });
    const error = await failureOf(() => plugin.callSync(name, '', { timeoutMs: 20 }));
    expect([error.code, error.message]).toEqual(['timeout', 'the call took longer than 20 ms']);
    plugin.callSync('ok', '', { timeoutMs: 10_000 });
  });

  it('ends with the deadline of its invocation', async () => {
    const plugin = await open(RUNAWAYS, { functions });
    const invocation = { id: 'one', depth: 0, deadline: Date.now() + 10 };
    expect(await failureOf(() => plugin.callSync('spin', '', { invocation }))).toMatchObject({
      code: 'timeout',
      message: 'the deadline of the invocation has passed',
    });
  });

  it('while it is starting cannot be opened', async () => {
    for (const start of ['(start $spin)', '(export "_initialize" (func $spin))']) {
      const source = `(module (func $spin (loop $again (br $again))) ${start} (func (export "ok")))`;
      const error = await failureOf(() => open(source, { limits: { fuel: 500_000 } }));
      expect([error.code, error.phase]).toEqual(['limit', 'open']);
    }
  });

  it('in a linked module ends as well', async () => {
    const main = await wat(`(module (import "side" "spin" (func $spin)) (func (export "run") (call $spin)))`);
    const plugin = await openBytes(
      main,
      { metered: true, limits: { fuel: 500_000 } },
      { side: '(module (func (export "spin") (loop $again (br $again))))' },
    );
    expect((await failureOf(() => plugin.callSync('run'))).code).toBe('limit');
  });

  it('after it was suspended ends as well', async () => {
    const source = `(module (import "app" "wait" (func $wait))
      (func (export "run") (call $wait) (loop $again (br $again))))`;
    const plugin = await open(source, {
      functions: { app: { wait: async () => void (await new Promise(setImmediate)) } },
    });
    expect((await failureOf(() => plugin.call('run', '', { timeoutMs: 20 }))).code).toBe('timeout');
  });
});

describe('fuel', () => {
  const COUNTING = `(module ${env('input_length')} (func (export "turns") (local $left i64)
    (local.set $left (call $input_length))
    (loop $again (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $again (i64.gt_s (local.get $left) (i64.const 0))))))`;

  it('is the same for every call, and the limit is exact', async () => {
    let most = 0;
    for (let low = 0, high = 20_000; low < high; ) {
      const middle = (low + high + 1) >> 1;
      const plugin = await open(COUNTING, { limits: { fuel: 10_000 } });
      const fits = await failureOf(() => plugin.callSync('turns', 'x'.repeat(middle))).then(
        () => false,
        () => true,
      );
      if (fits) low = middle;
      else high = middle - 1;
      most = low;
    }
    const plugin = await open(COUNTING, { limits: { fuel: 10_000 } });
    for (let round = 0; round < 3; round++) {
      plugin.callSync('turns', 'x'.repeat(most));
      expect((await failureOf(() => plugin.callSync('turns', 'x'.repeat(most + 1)))).code).toBe('limit');
    }
    expect(most).toBeGreaterThan(9_000);
  });

  it('that a call took is in its output, and nothing is when nobody counts', async () => {
    const plugin = await open(COUNTING);
    const [hundred, thousand] = [100, 1_000].map((turns) => plugin.callSync('turns', 'x'.repeat(turns)).fuel);
    expect(plugin.callSync('turns', 'x'.repeat(100)).fuel).toBe(hundred);
    expect((thousand as number) - (hundred as number)).toBe(900);
    expect((await openWat(COUNTING)).callSync('turns', 'x').fuel).toBe(undefined);
  });

  it('does not run out in a call that fits, however many there are', async () => {
    const plugin = await open(COUNTING, { limits: { fuel: 1_000 } });
    for (let round = 0; round < 500; round++) plugin.callSync('turns', 'x'.repeat(500));
    expect(plugin.stats()).toMatchObject({ created: 1, calls: 500 });
  });
});
