// What the Extism runtime in Rust tests of time limits, fuel, cancelling and pools, for our own interface.
import type { HostFunction } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { createInlineRuntime } from '@plugbay/wasm';
import { describe, expect, it } from 'vitest';
import { guest } from '../../../test/guests/catalogue.ts';
import { doorTo, failureOf, openBytes, openWat } from '../../../test/open.ts';

describe('a call that does not end', () => {
  it('is stopped after its time, and the plugin can be called again', async () => {
    await using plugin = await openBytes(await guest('loop-forever'), { metered: true });
    for (let call = 0; call < 3; call++) {
      const error = await failureOf(() => plugin.call('loop_forever', '', { timeoutMs: 20 }));
      expect([error.code, error.stateLost]).toEqual(['timeout', true]);
    }
  });

  it('is stopped when its fuel is used up, in the next call as in the first', async () => {
    await using plugin = await openBytes(await guest('loop-forever'), {
      metered: true,
      limits: { fuel: 1_000 },
    });
    for (let call = 0; call < 3; call++) {
      const error = await failureOf(() => plugin.call('loop_forever'));
      expect([error.code, error.stateLost]).toEqual(['limit', true]);
    }
  });

  it('has fuel of its own: what one call used, another does not lack', async () => {
    await using plugin = await openBytes(await guest('globals'), { metered: true, limits: { fuel: 100 } });
    for (let call = 0; call < 1_000; call++) plugin.callSync('globals');
    expect(Buffer.from(plugin.callSync('globals').bytes).readBigUInt64LE()).toBe(1_000n);
  });

  it('is stopped when it is canceled from a host function, as often as that happens', async () => {
    let controller = new AbortController();
    const source = `(module (import "app" "call" (func $call))
      (func (export "run") (call $call) (loop $again (br $again))))`;
    const functions = { app: { call: () => controller.abort() } };
    await using plugin = await openWat(source, { metered: true, functions });
    for (let call = 0; call < 5; call++) {
      controller = new AbortController();
      const error = await failureOf(() => plugin.call('run', '', { signal: controller.signal }));
      expect([error.code, error.stateLost]).toEqual(['canceled', true]);
    }
  });

  it('is stopped while it starts', async () => {
    const bytes = await guest('loop-forever-init');
    const opening = { tenant: 'acme', door: doorTo({}), metered: true, limits: { fuel: 1_000 } };
    const error = await failureOf(() => createInlineRuntime().open({ name: 'x', bytes }, opening));
    expect([error.code, error.phase]).toEqual(['limit', 'open']);
  });
});

describe('a pool', () => {
  const waiting = `(module (import "app" "call" (func $call)) (func (export "run") (call $call)))`;

  it('serves as many calls at once as it has instances, and the others in turn', async () => {
    const release: (() => void)[] = [];
    const call: HostFunction = async () => new Promise<void>((resolve) => void release.push(resolve));
    const source = { name: 'waiting', bytes: await wat(waiting) };
    const opening = {
      tenant: 'acme',
      door: doorTo({}),
      functions: { app: { call } },
      pool: { stateless: true, instances: 2 },
    };
    await using plugin = await createInlineRuntime().open(source, opening);
    const calls = Array.from({ length: 5 }, () => plugin.call('run'));
    await new Promise((resolve) => setImmediate(resolve));
    expect([release.length, plugin.stats().busy, plugin.stats().waiting]).toEqual([2, 2, 3]);
    for (let done = 0; done < 5; done++) {
      release[done]?.();
      await calls[done];
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([plugin.stats().calls, plugin.stats().instances, plugin.stats().busy]).toEqual([5, 2, 0]);
  });
});
