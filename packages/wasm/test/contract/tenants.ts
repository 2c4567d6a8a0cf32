// Two tenants over one module of any ABI never see each other's bytes or memory left behind, however their calls overlap.
import type { OpenOptions } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { doorTo } from '../open.ts';
import type { ContractEngine, EnginePlugin } from './engine.ts';

// Of each tenant, at the same time.
const CALLS = 1_000;

// The marks of one tenant differ from those of the other in their upper half.
const MARK = 0x5a5a_0000n;
const markOf = (tenant: number, call: number): bigint => ((MARK | BigInt(tenant)) << 32n) | BigInt(call);

// Looks through all of its memory for marks of others than the one at $own; puts that one everywhere but where answers are made.
const SEEKING = `
  (func $look (param $own i32) (result i64) (local $at i32) (local $found i64) (local $word i64)
    (loop $next
      (local.set $word (i64.load (local.get $at)))
      (if (i32.and
            (i64.eq (i64.shr_u (local.get $word) (i64.const 48)) (i64.const 0x5a5a))
            (i64.ne (i64.shr_u (local.get $word) (i64.const 32)) (i64.shr_u (i64.load (local.get $own)) (i64.const 32))))
        (then (local.set $found (i64.add (local.get $found) (i64.const 1)))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536))))
    (local.get $found))
  (func $mark (param $own i32) (local $at i32)
    (local.set $at (i32.const 8192))
    (loop $next
      (i64.store (local.get $at) (i64.load (local.get $own)))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536)))))`;

// Both answer with how many foreign marks they found, before and after they waited, and with their input.
const WAPC = `(module
  (import "wapc" "__guest_request" (func $request (param i32 i32)))
  (import "wapc" "__guest_response" (func $response (param i32 i32)))
  (import "wapc" "__host_call" (func $host_call (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "linkappwait")
  ${SEEKING}
  (func (export "__guest_call") (param i32 i32) (result i32)
    (call $request (i32.const 1024) (i32.const 2048))
    (i64.store (i32.const 4096) (call $look (i32.const 2048)))
    (call $mark (i32.const 2048))
    (drop (call $host_call (i32.const 64) (i32.const 4) (i32.const 68) (i32.const 3) (i32.const 71) (i32.const 4)
      (i32.const 2048) (i32.const 8)))
    (i64.store (i32.const 4096) (i64.add (i64.load (i32.const 4096)) (call $look (i32.const 2048))))
    (i64.store (i32.const 4104) (i64.load (i32.const 2048)))
    (call $response (i32.const 4096) (i32.const 16))
    (i32.const 1)))`;

const APIQUBE = `(module
  (import "apiqube" "host_http_request" (func $http (param i32 i32) (result i64)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{}")
  ${SEEKING}
  (global $next (mut i32) (i32.const 2048))
  (func (export "plugin_info") (result i64) (i64.const 2))
  (func (export "allocate") (param $size i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (global.get $next)) (i64.const 32)) (i64.extend_i32_u (local.get $size))))
  (func (export "seek") (param i64) (result i64)
    (i64.store (i32.const 4096) (call $look (i32.const 2048)))
    (call $mark (i32.const 2048))
    (global.set $next (i32.const 3072))
    (drop (call $http (i32.const 2048) (i32.const 8)))
    (global.set $next (i32.const 2048))
    (i64.store (i32.const 4096) (i64.add (i64.load (i32.const 4096)) (call $look (i32.const 2048))))
    (i64.store (i32.const 4104) (i64.load (i32.const 2048)))
    (i64.const 0x0000100000000010)))`;

/** Declares the tests of the ABIs that have no exchange memory; those of the Extism ABI are its own. */
export function tenantContract({ openBytes }: ContractEngine): void {
  describe.each([
    ['waPC', WAPC],
    ['ApiQube', APIQUBE],
  ])('tenants of one %s module', (_abi, source) => {
    it('never see each other’s bytes, or memory left behind', async () => {
      const bytes = await wat(source);
      // How long each call waits differs, so that they overtake each other; what the host is asked is what it answers.
      let turn = 0;
      const wait: NonNullable<Parameters<typeof doorTo>[0][string]> = async ({ payload }) => {
        for (let hops = turn++ % 7; hops > 0; hops--) await new Promise(setImmediate);
        return { bytes: payload };
      };
      const names = ['app.wait', 'apiqube.http_request'];
      const open = (tenant: number): Promise<EnginePlugin> => {
        const door = doorTo(Object.fromEntries(names.map((name) => [name, wait])), names);
        const options: Partial<OpenOptions> = {
          tenant: `tenant ${tenant}`,
          door: Object.assign(door, { asynchronous: true }),
          pool: { stateless: true, instances: 5, uses: 9, waiting: 2 * CALLS, waitingOfKey: 2 * CALLS },
        };
        return openBytes(bytes, options);
      };
      const plugins = [await open(1), await open(2)];
      const seen = await Promise.all(
        Array.from({ length: 2 * CALLS }, async (_, call) => {
          const tenant = 1 + (call % 2);
          const own = markOf(tenant, call);
          const input = new Uint8Array(BigUint64Array.of(own).buffer);
          const output = await (plugins[tenant - 1] as EnginePlugin).call('seek', input);
          const [found, echoed] = new BigUint64Array(output.bytes.slice().buffer);
          return { found, inputIsOwn: echoed === own };
        }),
      );
      expect(seen.filter(({ found }) => found !== 0n)).toEqual([]);
      expect(seen.filter(({ inputIsOwn }) => !inputIsOwn)).toEqual([]);
      for (const plugin of plugins) expect(plugin.stats()).toMatchObject({ busy: 0, waiting: 0 });
    });
  });
}
