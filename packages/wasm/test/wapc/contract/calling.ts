// Calls and what they come to.
import { randomFillSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../open.ts';
import { guestOf, wapc, wapcGuest } from '../guests.ts';
import { type OpenWapc, refusalOf, textOf } from './open.ts';

/** Declares the tests. */
export function callingTests(open: OpenWapc): void {
  const openGuest = async () => open(await wapcGuest());

  describe('an operation', () => {
    it.each([0, 1, 31, 33, 65_536, 3_000_000])(
      'is handed a payload of %i bytes and answers',
      async (bytes) => {
        const payload = randomFillSync(new Uint8Array(bytes));
        const { bytes: answer } = await (await openGuest()).call('echo', payload);
        expect(Buffer.compare(answer, payload)).toBe(0);
      },
    );

    it('is handed a text as UTF-8, and nothing as an empty payload', async () => {
      const plugin = await openGuest();
      expect(await textOf(plugin, 'echo', 'Grüße, 世界 😀')).toBe('Grüße, 世界 😀');
      expect((await plugin.call('echo')).bytes).toHaveLength(0);
    });

    it.each(['operation', '', 'Grüße, 世界 😀'])('may be called %j', async (name) => {
      const plugin = await openGuest();
      expect(await textOf(plugin, name)).toBe(name);
    });

    it('may have a name that nobody knows before it is tried', async () => {
      const plugin = await openGuest();
      expect(plugin.has('echo')).toBeUndefined();
      expect(plugin.info).toMatchObject({ abi: 'wapc', exports: [] });
      expect(await refusalOf(() => plugin.call('nope'))).toEqual(['plugin', 'no such operation']);
    });

    it('must have a name that is a string', async () => {
      const plugin = await openGuest();
      expect(await refusalOf(() => plugin.call(7 as unknown as string))).toEqual([
        'invalid',
        'the name of an operation must be a string, not number',
      ]);
    });

    it('may ask for its request again', async () => {
      expect(await textOf(await openGuest(), 'again', 'payload')).toBe('payload');
    });

    it('may use the memory of its response again before it returns', async () => {
      expect(await textOf(await openGuest(), 'reuse', 'payload')).toBe('payload');
    });

    it('answers with its last response', async () => {
      expect(await textOf(await openGuest(), 'twice')).toBe('second');
    });

    it('owns what it answers, whatever the plugin does later', async () => {
      const plugin = await openGuest();
      const first = await plugin.call('echo', 'first');
      await plugin.call('echo', 'again');
      expect(first.text()).toBe('first');
    });
  });

  describe('an operation that succeeds', () => {
    it.each(['empty', 'silent'])('with %s response has an empty answer', async (operation) => {
      const plugin = await openGuest();
      expect((await plugin.call('echo', 'left behind')).text()).toBe('left behind');
      expect((await plugin.call(operation, 'payload')).bytes).toHaveLength(0);
    });

    it('keeps its instance', async () => {
      const plugin = await openGuest();
      for (let call = 1; call <= 3; call++) {
        const { bytes, stateLost } = await plugin.call('calls');
        expect([bytes[0], stateLost]).toEqual([call, false]);
      }
    });
  });

  describe('an operation that fails', () => {
    it.each([
      ['fail', 'exactly this: é日本😀'],
      ['fail', 'x'.repeat(5_000)],
    ])('by %s has its own error', async (operation, text) => {
      expect(await refusalOf(async () => (await openGuest()).call(operation, text))).toEqual([
        'plugin',
        text,
      ]);
    });

    it.each([
      ['fail_twice', 'second'],
      ['fail_silent', 'operation "fail_silent" failed without an error'],
      [
        'return_two',
        'operation "return_two": the module returned 2, which is neither success (1) nor failure (0)',
      ],
      [
        'return_minus_one',
        'operation "return_minus_one": the module returned -1, which is neither success (1) nor failure (0)',
      ],
      ['return_two_with_error', 'its own error'],
      ['fail_then_answer', 'its own error'],
      ['answer_then_fail', 'its own error'],
      ['answer_with_0', 'operation "answer_with_0" failed without an error'],
    ])('by %s says so, and keeps its instance', async (operation, message) => {
      const plugin = await openGuest();
      const error = await failureOf(() => plugin.call(operation));
      expect([error.code, error.message, error.stateLost]).toEqual(['plugin', message, false]);
      expect((await plugin.call('calls')).bytes[0]).toBe(2);
    });

    it('says nothing of an earlier call', async () => {
      const plugin = await openGuest();
      await failureOf(() => plugin.call('fail', 'secret'));
      expect((await failureOf(() => plugin.call('fail_silent'))).message).toBe(
        'operation "fail_silent" failed without an error',
      );
    });

    it('with an empty text has none', async () => {
      const failing = await open(
        await guestOf(
          '(call $guest_error (i32.const 0) (i32.const 0)) (i32.const 0)',
          '',
          wapc('guest_error'),
        ),
      );
      expect((await failureOf(() => failing.call('x'))).message).toBe(
        'operation "x" failed without an error',
      );
    });

    it('has a text that need not be UTF-8, and at most 64 KiB of it', async () => {
      const plugin = await openGuest();
      const broken = await failureOf(() => plugin.call('fail', Uint8Array.of(0x61, 0xff, 0x62)));
      expect(broken.message).toBe('a\ufffdb');
      const long = await failureOf(() => plugin.call('fail', 'x'.repeat(65_537)));
      expect(long.message).toBe('x'.repeat(65_536));
    });
  });

  describe('a guest that crashes', () => {
    it.each([
      ['trap', 'trap', 'the module trapped: unreachable'],
      ['fail_then_trap', 'plugin', 'its own error'],
      ['answer_then_trap', 'trap', 'the module trapped: unreachable'],
    ])('by %s is replaced', async (operation, code, message) => {
      const plugin = await openGuest();
      await plugin.call('calls');
      const error = await failureOf(() => plugin.call(operation));
      expect([error.code, error.message, error.stateLost]).toEqual([code, message, true]);
      expect((await plugin.call('calls')).bytes[0]).toBe(1);
    });

    it('keeps the crash as the cause of its own error', async () => {
      const plugin = await openGuest();
      const { cause } = await failureOf(() => plugin.call('fail_then_trap'));
      expect(cause).toMatchObject({ code: 'trap', message: 'the module trapped: unreachable' });
    });

    it('says that its stack ended', async () => {
      const plugin = await open(
        await guestOf('(call $down) (i32.const 1)', '(func $down (call $down) (call $down))'),
      );
      expect((await refusalOf(() => plugin.call('x')))[0]).toBe('trap');
    });
  });
}
