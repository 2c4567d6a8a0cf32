// What sleeps, waits or is given up while others have the thread, or while the host has something else to do.
import { describe, expect, it, vi } from 'vitest';
import { asking, PASSING, TALKER } from '../../../test/contract/talker.ts';
import { testedEngine } from '../../../test/contract/worker.ts';
import { env, failureOf } from '../../../test/open.ts';

// A busy machine takes its time.
const PATIENCE = 20_000;

// `sleep` sleeps 20 ms, `twice` 200 ms and then an hour, without a loop or a call of its own in between.
const SLEEPER = `(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\\01\\00\\00\\00") (data (i32.const 24) "\\00\\2d\\31\\01\\00\\00\\00\\00")
  (data (i32.const 272) "\\01\\00\\00\\00") (data (i32.const 280) "\\00\\c2\\eb\\0b\\00\\00\\00\\00")
  (data (i32.const 528) "\\01\\00\\00\\00") (data (i32.const 536) "\\00\\a0\\b8\\30\\46\\03\\00\\00")
  (func (export "sleep") (result i32) (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
  (func (export "twice") (result i32)
    (drop (call $poll (i32.const 256) (i32.const 64) (i32.const 1) (i32.const 128)))
    (call $poll (i32.const 512) (i32.const 64) (i32.const 1) (i32.const 128))))`;

// `tell` keeps its input in the variable `k` and asks; `ask` only asks.
const TELLER = `(module
  ${env('input_offset', 'var_set', 'alloc', 'store_u8')}
  (import "app" "ask" (func $ask (param i64) (result i64)))
  (memory (export "memory") 1)
  (func (export "ask") (drop (call $ask (call $input_offset))))
  (func (export "tell") (local $key i64)
    (local.set $key (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $key) (i32.const 107))
    (call $var_set (local.get $key) (call $input_offset))
    (drop (call $ask (call $input_offset)))))`;

interface Context {
  getVariable(name: string): Uint8Array | undefined;
}

describe('on one thread', () => {
  it('a guest that sleeps goes on when its time is over, whoever spins meanwhile', async () => {
    const { open } = testedEngine();
    const sleeper = await open(SLEEPER, { wasi: {} });
    const spinner = await open(TALKER, { functions: PASSING });
    const controller = new AbortController();
    const slept = sleeper.call('sleep');
    const spinning = failureOf(() => spinner.call('spin', '', { signal: controller.signal }));
    expect((await slept).bytes).toHaveLength(0);
    controller.abort();
    expect((await spinning).code).toBe('canceled');
  });

  it('a call has its turn that comes together with more long ones than the thread takes at once', async () => {
    const { open } = testedEngine();
    const pool = { stateless: true, instances: 20 };
    const spinner = await open(TALKER, { functions: PASSING, pool });
    const neighbour = await open(TALKER, { functions: PASSING });
    const controller = new AbortController();
    const spinning = Array.from({ length: 20 }, () =>
      failureOf(() => spinner.call('spin', '', { signal: controller.signal })),
    );
    expect([...(await neighbour.call('count')).bytes]).toEqual([1]);
    controller.abort();
    expect((await Promise.all(spinning)).map(({ code }) => code)).toEqual(spinning.map(() => 'canceled'));
  });
});

describe('a call that is given up', () => {
  it('does not sleep again', async () => {
    const { engine, open } = testedEngine();
    const sleeper = await open(SLEEPER, { wasi: {}, limits: { callMs: 2 ** 33 } });
    const controller = new AbortController();
    const failure = failureOf(() => sleeper.call('twice', '', { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort();
    expect((await failure).code).toBe('canceled');
    await vi.waitFor(() => expect(engine.threads[0]?.active).toBe(0), PATIENCE);
  });

  it('before its host has heard what it asked has set what it set', async () => {
    const { open } = testedEngine();
    const seen: (string | undefined)[] = [];
    const functions = asking((context: Context, block: bigint) => {
      const value = context.getVariable('k');
      seen.push(value && Buffer.from(value).toString());
      return block;
    });
    const plugin = await open(TELLER, { functions });
    const controller = new AbortController();
    const failure = failureOf(() => plugin.call('tell', 'told', { signal: controller.signal }));
    // Longer than the guest takes to ask, which nobody hears meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    controller.abort();
    expect((await failure).code).toBe('canceled');
    await plugin.call('ask');
    expect(seen).toEqual(['told']);
  });
});
