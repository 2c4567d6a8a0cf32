// What a guest may use at most, and what ends a call that goes on for too long.
import { FakeClock } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../open.ts';
import { guestOf, wapc, wapcGuest } from '../guests.ts';
import { asking, door, type OpenWapc, refusalOf, reply, textOf } from './open.ts';

/** Declares the tests. */
export function limitTests(open: OpenWapc): void {
  describe('a limit', () => {
    it('of the input is exact', async () => {
      const plugin = await open(await wapcGuest(), { limits: { inputBytes: 100 } });
      expect(await textOf(plugin, 'echo', 'x'.repeat(100))).toBe('x'.repeat(100));
      expect(await refusalOf(() => plugin.call('echo', 'é'.repeat(51)))).toEqual([
        'limit',
        'the input has 102 bytes; inputBytes is 100',
      ]);
      expect(await refusalOf(() => plugin.call('echo', new Uint8Array(101)))).toEqual([
        'limit',
        'the input has 101 bytes; inputBytes is 100',
      ]);
    });

    it('of the output is exact', async () => {
      const plugin = await open(await wapcGuest(), { limits: { outputBytes: 100 } });
      expect(await textOf(plugin, 'echo', 'x'.repeat(100))).toBe('x'.repeat(100));
      expect(await refusalOf(() => plugin.call('echo', 'x'.repeat(101)))).toEqual([
        'limit',
        'the output has 101 bytes; outputBytes is 100',
      ]);
    });

    it('of host calls is exact, and no error that a guest can live with', async () => {
      const options = { limits: { hostCalls: 1_000 }, door: door(() => reply('')) };
      const plugin = await open(await wapcGuest(), options);
      expect((await plugin.call('host_many', asking())).bytes).toHaveLength(0);
      const fewer = await open(await wapcGuest(), { ...options, limits: { hostCalls: 999 } });
      expect(await refusalOf(() => fewer.call('host_many', asking()))).toEqual([
        'limit',
        'the call made more than 999 host calls',
      ]);
    });

    it('of memory holds', async () => {
      const plugin = await open(await wapcGuest(), { limits: { memoryPages: 10 } });
      expect((await refusalOf(() => plugin.call('echo', new Uint8Array(700_000))))[0]).toBe('trap');
      expect(await textOf(plugin, 'echo', 'x')).toBe('x');
    });
  });

  describe('a call', () => {
    it('that nobody wants any more does not begin', async () => {
      const plugin = await open(await wapcGuest());
      const signal = AbortSignal.abort(new Error('enough'));
      expect((await failureOf(() => plugin.call('calls', '', { signal }))).code).toBe('canceled');
      expect((await plugin.call('calls')).bytes[0]).toBe(1);
    });

    it('whose deadline has passed makes no more host calls', async () => {
      const clock = new FakeClock();
      const passed = door(() => {
        clock.advance(11);
        return reply('');
      });
      const plugin = await open(await wapcGuest(), { clock, door: passed });
      const invocation = { id: 'c1', depth: 0, deadline: clock.now() + 10 };
      expect((await failureOf(() => plugin.call('host_many', asking(), { invocation }))).code).toBe(
        'timeout',
      );
      expect(passed.calls).toHaveLength(1);
    });
  });

  describe('a metered guest', () => {
    it('that does not end is ended by its fuel, and replaced', async () => {
      const plugin = await open(await wapcGuest(), { metered: true, limits: { fuel: 1_000_000 } });
      await plugin.call('calls');
      const error = await failureOf(() => plugin.call('spin'));
      expect([error.code, error.message, error.stateLost]).toEqual([
        'limit',
        'plugin ran out of fuel: it had 1000000 units for one call',
        true,
      ]);
      expect((await plugin.call('calls')).bytes[0]).toBe(1);
    });

    it('says what it used, the same for the same work', async () => {
      const plugin = await open(await wapcGuest(), { metered: true });
      const [first, again, more] = [
        await plugin.call('echo', 'x'),
        await plugin.call('echo', 'x'),
        await plugin.call('echo', new Uint8Array(64_000)),
      ];
      expect(first?.fuel).toBeGreaterThan(0);
      expect(again?.fuel).toBe(first?.fuel);
      // Each way 64 bytes are a unit.
      expect((more?.fuel ?? 0) - (first?.fuel ?? 0)).toBe(2 * 1_000);
    });

    it('pays for what the host copies for it', async () => {
      const bytes = await guestOf(
        `(loop $again (call $guest_response (i32.const 0) (i32.const 65536)) (br $again)) (i32.const 1)`,
        '',
        wapc('guest_response'),
      );
      const plugin = await open(bytes, { metered: true, limits: { fuel: 10_000_000 } });
      expect((await failureOf(() => plugin.call('x'))).code).toBe('limit');
    });

    it('is ended by its start as well', async () => {
      const bytes = await guestOf('(i32.const 1)', '(func (export "wapc_init") (loop $again (br $again)))');
      expect(await refusalOf(() => open(bytes, { metered: true, limits: { fuel: 1_000_000 } }))).toEqual([
        'limit',
        'plugin ran out of fuel: it had 1000000 units for one call',
      ]);
    });

    it('that makes host calls pays no fuel for those', async () => {
      const plugin = await open(await wapcGuest(), { metered: true, door: door(() => reply('ok')) });
      expect(await textOf(plugin, 'host', asking())).toBe('ok');
    });
  });
}
