// Tenants over one module never see anything of each other, however their calls overlap.
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { env, failureOf } from '../../open.ts';
import type { ContractEngine, EnginePlugin } from '../engine.ts';

// The marks of one tenant differ from those of the other in their upper half.
const MARK = 0x5a5a_0000n;
const markOf = (tenant: number, call: number): bigint => ((MARK | BigInt(tenant)) << 32n) | BigInt(call);

// Of each tenant, at the same time.
const CALLS = 1_000;

// Gets a mark as input. Looks through all the memory that it can reach for marks of others, puts its own everywhere and into a
// variable, waits, looks again, and answers with how many it found and what the variable says.
const SEEKER = `(module (import "app" "wait" (func $wait))
  ${env('alloc', 'free', 'length', 'load_u64', 'store_u64', 'input_load_u64', 'output_set', 'var_get', 'var_set')}
  (memory 1)
  (func $foreign (param $word i64) (param $own i64) (result i64)
    (i64.extend_i32_u (i32.and
      (i64.eq (i64.shr_u (local.get $word) (i64.const 48)) (i64.const 0x5a5a))
      (i64.ne (i64.shr_u (local.get $word) (i64.const 32)) (i64.shr_u (local.get $own) (i64.const 32))))))
  (func $look (param $own i64) (result i64) (local $at i32) (local $found i64)
    (loop $next
      (local.set $found (i64.add (local.get $found) (call $foreign (i64.load (local.get $at)) (local.get $own))))
      (local.set $found (i64.add (local.get $found)
        (call $foreign (call $load_u64 (i64.extend_i32_u (i32.add (local.get $at) (i32.const 64)))) (local.get $own))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536))))
    (local.get $found))
  (func $key (result i64) (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u64 (local.get $block) (i64.const 0x6b))
    (local.get $block))
  (func $mark (param $own i64) (local $at i32) (local $block i64)
    (loop $next
      (i64.store (local.get $at) (local.get $own))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536))))
    (local.set $block (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $block) (local.get $own))
    (call $var_set (call $key) (local.get $block)))
  (func (export "run") (local $own i64) (local $found i64) (local $kept i64) (local $block i64)
    (local.set $own (call $input_load_u64 (i64.const 0)))
    (local.set $found (call $look (local.get $own)))
    (call $mark (local.get $own))
    (call $wait)
    (local.set $found (i64.add (local.get $found) (call $look (local.get $own))))
    (local.set $kept (call $load_u64 (call $var_get (call $key))))
    (local.set $found (i64.add (local.get $found) (call $foreign (local.get $kept) (local.get $own))))
    (local.set $block (call $alloc (i64.const 24)))
    (call $store_u64 (local.get $block) (local.get $found))
    (call $store_u64 (i64.add (local.get $block) (i64.const 8)) (local.get $kept))
    (call $store_u64 (i64.add (local.get $block) (i64.const 16)) (call $input_load_u64 (i64.const 0)))
    (call $output_set (local.get $block) (i64.const 24)))
  (func (export "trap") unreachable))`;

/** Declares the tests. */
export function tenantTests({ openWat, openBytes }: ContractEngine): void {
  describe('tenants of one module', () => {
    it('never see each other’s bytes, variables, or memory left behind', async () => {
      const bytes = await wat(SEEKER);
      // How long each call waits differs, so that they overtake each other.
      let turn = 0;
      const wait = async (): Promise<void> => {
        for (let hops = turn++ % 7; hops > 0; hops--) await new Promise(setImmediate);
      };
      const open = (tenant: number): Promise<EnginePlugin> =>
        openBytes(bytes, {
          tenant: `tenant ${tenant}`,
          functions: { app: { wait } },
          pool: { stateless: true, instances: 5, uses: 9, waiting: 2 * CALLS, waitingOfKey: 2 * CALLS },
        });
      const plugins = [await open(1), await open(2)];
      const seen = await Promise.all(
        Array.from({ length: 2 * CALLS }, async (_, call) => {
          const tenant = 1 + (call % 2);
          const plugin = plugins[tenant - 1] as EnginePlugin;
          if (call % 17 === 0) await failureOf(() => plugin.call('trap'));
          const own = markOf(tenant, call);
          const { bytes: answer } = await plugin.call('run', new Uint8Array(BigUint64Array.of(own).buffer));
          const [found, kept, input] = new BigUint64Array(answer.slice().buffer);
          return { found, kept: (kept ?? 0n) >> 32n, ownHalf: own >> 32n, inputIsOwn: input === own };
        }),
      );
      expect(seen.filter(({ found }) => found !== 0n)).toEqual([]);
      expect(seen.filter(({ kept, ownHalf }) => kept !== ownHalf)).toEqual([]);
      expect(seen.filter(({ inputIsOwn }) => !inputIsOwn)).toEqual([]);
      for (const plugin of plugins) expect(plugin.stats()).toMatchObject({ busy: 0, waiting: 0 });
    });
  });

  describe('a new block', () => {
    // Fails when a block of as many bytes as the input has is not zeroed; then fills it, and the blocks around it.
    const source = `(module ${env('alloc', 'free', 'load_u8', 'store_u8', 'input_length')}
      (func $dirty (param $length i64) (param $fill i32) (local $block i64) (local $at i64)
        (local.set $block (call $alloc (local.get $length)))
        (loop $next
          (if (call $load_u8 (i64.add (local.get $block) (local.get $at))) (then unreachable))
          (call $store_u8 (i64.add (local.get $block) (local.get $at)) (local.get $fill))
          (br_if $next (i64.lt_u (local.tee $at (i64.add (local.get $at) (i64.const 1))) (local.get $length))))
        (if (i32.wrap_i64 (i64.and (local.get $length) (i64.const 1))) (then (call $free (local.get $block)))))
      (func (export "run")
        (call $dirty (call $input_length) (i32.const 255))
        (call $dirty (i64.add (call $input_length) (i64.const 3)) (i32.const 170))
        (call $dirty (call $input_length) (i32.const 85))))`;

    it('is zeroed, whatever an earlier call or block left there', async () => {
      const plugin = await openWat(source);
      for (let length = 1; length < 600; length += 7)
        await plugin.call('run', new Uint8Array(length).fill(0xee));
      for (let length = 600; length > 0; length -= 13)
        await plugin.call('run', new Uint8Array(length).fill(0x77));
      expect(plugin.stats()).toMatchObject({ created: 1, discarded: 0 });
    });
  });
}
