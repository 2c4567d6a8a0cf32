// Host calls: what the host sees, what the guest gets, and what ends the call.
import { randomFillSync } from 'node:crypto';
import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../open.ts';
import { wapcGuest } from '../guests.ts';
import { type Answer, asking, door, type OpenWapc, refusalOf, reply, textOf } from './open.ts';

const throwing =
  (thrown: unknown): Answer =>
  () => {
    throw thrown;
  };

/** Declares the tests. */
export function hostCallTests(open: OpenWapc): void {
  const openGuest = async (answer: Answer) => open(await wapcGuest(), { door: door(answer) });

  describe('a host call', () => {
    it('tells the host binding, namespace, operation and payload, and the guest the answer', async () => {
      const passed = door(() => reply('Hello, Simon'));
      const plugin = await open(await wapcGuest(), { door: passed });
      const invocation = { id: 'c1', depth: 3 };
      const output = await plugin.call('host', asking(), { context: 'context', invocation });
      expect(output.text()).toBe('Hello, Simon');
      expect(passed.calls).toHaveLength(1);
      const [call] = passed.calls;
      expect({ ...call, payload: Buffer.from(call?.payload ?? []).toString() }).toMatchObject({
        link: 'myBinding',
        namespace: 'sample',
        operation: 'hello',
        payload: 'Simon',
        context: 'context',
        invocation: { id: 'c1', depth: 3 },
      });
      expect(call?.signal.aborted).toBe(false);
    });

    it('has an invocation of its own when nobody gave one', async () => {
      const passed = door(() => reply(''));
      const plugin = await open(await wapcGuest(), { door: passed });
      await plugin.call('host_many', asking());
      await plugin.call('host', asking());
      const ids = new Set(passed.calls.map(({ invocation }) => invocation.id));
      expect([passed.calls.length, ids.size]).toEqual([1_001, 2]);
    });

    it('may name anything in UTF-8', async () => {
      const names: string[] = [];
      const plugin = await open(await wapcGuest(), {
        door: {
          ...door(() => reply('')),
          callSync: ({ link, namespace, operation }) => {
            names.push(link, namespace, operation);
            return reply('');
          },
          call: async () => reply(''),
        },
      });
      await plugin.call('host', 'verbünden\0東京\0\0');
      expect(names).toEqual(['verbünden', '東京', '']);
    });

    it('must name it in UTF-8', async () => {
      const plugin = await openGuest(() => reply(''));
      const payload = Uint8Array.of(0xff, 0, 0x61, 0, 0x62, 0);
      expect(await refusalOf(() => plugin.call('host', payload))).toEqual([
        'invalid',
        '__host_call: 1 bytes are not UTF-8 text',
      ]);
    });

    it.each([0, 1, 33, 65_536, 1_000_000])('answers with %i bytes', async (bytes) => {
      const content = randomFillSync(new Uint8Array(bytes));
      const plugin = await openGuest(({ payload }) => ({ bytes: payload }));
      const { bytes: answer } = await plugin.call('host', asking(content));
      expect(Buffer.compare(answer, content)).toBe(0);
    });

    it('hands over a payload that the callback may keep', async () => {
      const passed = door(() => reply('ok'));
      const plugin = await open(await wapcGuest(), { door: passed });
      await plugin.call('host', asking('first'));
      await plugin.call('host', asking('again'));
      expect(passed.calls.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['first', 'again']);
    });

    it('answers a guest whose memory grows meanwhile', async () => {
      const plugin = await openGuest(({ payload }) => ({ bytes: payload }));
      expect(await textOf(plugin, 'host_grow', asking('still here'))).toBe('still here');
    });

    it('tells the guest 1 for success, with no error', async () => {
      const plugin = await openGuest(() => reply('x'));
      expect((await plugin.call('host_result', asking())).bytes).toEqual(Uint8Array.of(1));
      expect((await plugin.call('host_error_of_success', asking())).bytes).toEqual(Uint8Array.of(0));
    });

    it.each([
      ['an answer after an error', [reply('four', 'error'), reply('two')], [3, 0]],
      ['an error after an answer', [reply('four'), reply('', 'no')], [0, 2]],
    ])('leaves nothing for the next one: %s', async (_, replies, lengths) => {
      const plugin = await openGuest(() => replies.shift() ?? reply(''));
      expect([...(await plugin.call('host_twice', asking())).bytes]).toEqual(lengths);
    });

    it('leaves nothing for the next call of the plugin', async () => {
      const replies = [reply('left'), reply('left', 'an error')];
      const plugin = await openGuest(() => replies.shift() ?? reply(''));
      for (const operation of ['host', 'host_ignored']) {
        await plugin.call(operation, asking());
        expect((await plugin.call('left_over')).bytes).toEqual(Uint8Array.of(0, 0));
      }
    });
  });

  describe('a host call that fails', () => {
    it.each([
      ['throws an error', new Error('no such thing'), 'no such thing'],
      ['throws what is no error', 'just a text', 'just a text'],
      [
        'throws one of ours',
        new PlugbayError('denied', 'sample.hello is not granted'),
        'sample.hello is not granted',
      ],
      ['throws one that is not ASCII', new Error('é日本😀'), 'é日本😀'],
      ['throws one without a message', new Error(''), 'sample.hello failed'],
      ['throws one with half a character', new Error('a\ud800b'), 'a\ufffdb'],
    ])('because the callback %s is the guest’s to handle', async (_, thrown, text) => {
      const plugin = await openGuest(throwing(thrown));
      expect(await refusalOf(() => plugin.call('host', asking()))).toEqual(['plugin', text]);
      expect((await plugin.call('host_result', asking())).bytes).toEqual(Uint8Array.of(0));
      expect(await textOf(plugin, 'host_ignored', asking())).toBe('went on');
    });

    it('is the cause of an error that hands its text on, and of no other', async () => {
      const thrown = new PlugbayError('denied', 'not for you');
      const plugin = await openGuest(throwing(thrown));
      expect((await failureOf(() => plugin.call('host', asking()))).cause).toMatchObject({
        code: 'denied',
        message: 'not for you',
      });
      expect((await failureOf(() => plugin.call('fail', 'something else'))).cause).toBeUndefined();
    });

    it('has a text of 64 KiB at most, cut between two characters', async () => {
      const plugin = await openGuest(throwing(new Error(`x${'é'.repeat(40_000)}`)));
      const { message } = await failureOf(() => plugin.call('host', asking()));
      expect(message).toBe(`x${'é'.repeat(32_767)}`);
    });

    it('may have both an error and bytes', async () => {
      const plugin = await openGuest(() => reply('the bytes', 'the error'));
      expect(await refusalOf(() => plugin.call('host', asking()))).toEqual(['plugin', 'the error']);
      expect(await textOf(plugin, 'host_response_of_failure', asking())).toBe('the bytes');
    });

    it('may fail by an answer without a text', async () => {
      const plugin = await openGuest(() => reply('', ''));
      expect(await refusalOf(() => plugin.call('host', asking()))).toEqual(['plugin', 'sample.hello failed']);
    });

    it('has no bytes when the callback threw', async () => {
      const plugin = await openGuest(throwing(new Error('no')));
      expect((await plugin.call('host_response_of_failure', asking())).bytes).toHaveLength(0);
    });

    it('because nobody answers it says so', async () => {
      const plugin = await openGuest(() => reply(''));
      expect(await refusalOf(() => plugin.call('host', 'b\0other\0op\0'))).toEqual([
        'plugin',
        'nobody answers other.op',
      ]);
    });
  });

  describe('a callback', () => {
    it.each([
      ['nothing', undefined],
      ['a text', { bytes: 'text' }],
      ['numbers of another width', { bytes: new Uint16Array(2) }],
      ['a buffer', { bytes: new ArrayBuffer(2) }],
      ['an error that is no text', { bytes: new Uint8Array(0), error: 7 }],
    ])('that answers with %s fails the call, whatever the guest makes of it', async (_, answer) => {
      const plugin = await openGuest(() => answer as never);
      const error = await failureOf(() => plugin.call('host_ignored', asking()));
      expect(error.code).toBe('internal');
      expect(error.message).toMatch(/^host call sample\.hello: /);
      expect(error.stateLost).toBe(true);
      expect((await plugin.call('calls')).bytes[0]).toBe(1);
    });
  });
}
