// What the app's own code may do to the engine: throw whatever there is, answer what is none, and be called with no stack left.
import type { Logger, PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { ASKING, expectThrown, THROWN } from '../../../test/contract/extism/app-code.ts';
import { env, failureOf, keepingLogger, openWat } from '../../../test/open.ts';

describe('whatever a host function throws', () => {
  it.each(THROWN)('as %s fails a synchronous call with it as the cause', async (_, thrown, text) => {
    const ask = (): bigint => {
      throw thrown;
    };
    const plugin = await openWat(ASKING, { functions: { app: { ask } } });
    for (const name of ['run', 'catch']) {
      expectThrown(await failureOf(() => plugin.callSync(name)), thrown, text);
    }
    expect(plugin.stats().busy).toBe(0);
  });
});

describe('a logger that calls its plugin', () => {
  it('is refused, and the plugin goes on', async () => {
    const errors: Promise<PlugbayError>[] = [];
    const logger: Logger = {
      ...keepingLogger(),
      info: () => void errors.push(failureOf(() => plugin.callSync('ok'))),
      // How many lines were dropped: the guest is done by then.
      warn: () => void plugin.callSync('ok'),
    };
    const plugin = await openWat(
      `(module ${env('alloc', 'log_info')} (func (export "run") (loop $again
          (call $log_info (call $alloc (i64.const 1))) (br $again))) (func (export "ok")))`,
      { logger, metered: true, limits: { logLines: 1, fuel: 10_000 } },
    );
    expect((await failureOf(() => plugin.callSync('run'))).code).toBe('limit');
    expect((await errors[0])?.code).toBe('conflict');
    expect(plugin.callSync('ok').bytes).toHaveLength(0);
    expect(plugin.stats()).toMatchObject({ instances: 1, busy: 0 });
  });
});

describe('a call that ends early', () => {
  it('in the very moment in which its turn comes does not run after the plugin was closed', async () => {
    let asked = 0;
    const plugin = await openWat(ASKING, {
      functions: {
        app: {
          ask: async () => {
            asked += 1;
            return new Promise<bigint>(() => undefined);
          },
        },
      },
    });
    const controller = new AbortController();
    const first = failureOf(() => plugin.call('run', '', { signal: controller.signal }));
    const second = failureOf(() => plugin.call('run'));
    await new Promise(setImmediate);
    // The first hands its turn on at once, and the second has not begun.
    controller.abort();
    await plugin.close();
    expect((await first).code).toBe('canceled');
    expect(await second).toMatchObject({ code: 'canceled', message: 'the plugin was closed' });
    await new Promise(setImmediate);
    expect(asked).toBe(1);
  });
});

describe('a guest that uses up the stack before it calls its host', () => {
  // `run` goes as deep as its input has bytes, and calls app.ask there; every frame has work left, so that none is left out.
  const DEEP = `(module (import "app" "ask" (func $ask)) ${env('input_length')}
    (type $down (func (param i32) (result i32))) (table 1 funcref) (elem (i32.const 0) $down)
    (func $down (type $down)
      (if (result i32) (local.get 0)
        (then (i32.add
          (call_indirect (type $down) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)) (local.get 0)))
        (else (call $ask) (i32.const 0))))
    (func (export "run") (drop (call $down (i32.wrap_i64 (call $input_length))))))`;
  const COUNTING = `(module (import "app" "note" (func $note)) (func (export "run") (call $note)))`;

  it('does no harm to a plugin that is called there', async () => {
    let victimOf: () => unknown = () => undefined;
    const victim = await openWat(COUNTING, { functions: { app: { note: () => undefined } } });
    const hostile = await openWat(DEEP, {
      tenant: 'umbrella',
      limits: { inputBytes: 1_000_000 },
      functions: { app: { ask: () => void victimOf() } },
    });
    victimOf = () => victim.callSync('run');
    const input = new Uint8Array(1_000_000);
    const codes = new Set<string>();
    const deep = (depth: number): boolean => {
      try {
        hostile.callSync('run', input.subarray(0, depth));
        return true;
      } catch (error) {
        codes.add((error as PlugbayError).code);
        return false;
      }
    };
    // Frames shrink while V8 compiles better code, so the place is looked for again and again.
    for (let round = 0; round < 5; round++) {
      let [fits, overflows] = [0, input.length];
      while (fits + 1 < overflows) {
        const middle = (fits + overflows) >> 1;
        if (deep(middle)) fits = middle;
        else overflows = middle;
      }
      for (let depth = fits - 150; depth < fits + 150; depth++) {
        deep(depth);
        expect(victim.callSync('run').bytes).toHaveLength(0);
      }
    }
    // At the very end of the stack there is not enough of it to tell what kind of error it was.
    expect(codes).toContain('trap');
    expect([...codes].filter((code) => code !== 'trap' && code !== 'internal')).toEqual([]);
    expect(victim.stats()).toMatchObject({ instances: 1, busy: 0 });
    expect(hostile.stats()).toMatchObject({ busy: 0 });
  });
});
