// Host calls whose answers are promises.
import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../open.ts';
import { wapcGuest } from '../guests.ts';
import { type Answer, asking, laterDoor, type OpenWapc, refusalOf, reply, textOf } from './open.ts';

/** Declares the tests. */
export function asynchronousTests(open: OpenWapc): void {
  const openGuest = async (answer: Answer) => open(await wapcGuest(), { door: laterDoor(answer) });

  describe('an asynchronous host call', () => {
    it('is waited for', async () => {
      const plugin = await openGuest(async ({ payload }) => {
        await new Promise(setImmediate);
        return { bytes: payload };
      });
      expect(await textOf(plugin, 'host', asking('later'))).toBe('later');
      expect(await textOf(plugin, 'host_many', asking('many'))).toBe('many');
    });

    it('may be rejected, which is the guest’s to handle', async () => {
      const thrown = new PlugbayError('denied', 'not for you');
      const plugin = await openGuest(async () => {
        throw thrown;
      });
      const error = await failureOf(() => plugin.call('host', asking()));
      expect([error.code, error.message, error.stateLost]).toEqual(['plugin', 'not for you', false]);
      expect(error.cause).toMatchObject({ code: 'denied' });
      expect(await textOf(plugin, 'host_ignored', asking())).toBe('went on');
    });

    it('may fail with bytes', async () => {
      const plugin = await openGuest(async () => reply('the bytes', 'the error'));
      expect(await textOf(plugin, 'host_response_of_failure', asking())).toBe('the bytes');
    });

    it('must answer with bytes', async () => {
      const plugin = await openGuest(async () => undefined as never);
      expect((await refusalOf(() => plugin.call('host_ignored', asking())))[0]).toBe('internal');
      expect((await plugin.call('calls')).bytes[0]).toBe(1);
    });

    it('may be one that never answers: a signal ends the call, and the next one works', async () => {
      const controller = new AbortController();
      const signals: AbortSignal[] = [];
      const plugin = await openGuest(({ signal }) => {
        signals.push(signal);
        controller.abort(new Error('enough'));
        return new Promise(() => undefined);
      });
      const error = await failureOf(() => plugin.call('host', asking(), { signal: controller.signal }));
      expect([error.code, error.message, error.stateLost]).toEqual([
        'canceled',
        'the call was canceled',
        true,
      ]);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
      expect((await plugin.call('calls')).bytes[0]).toBe(1);
    });

    it('keeps its instance busy: calls take turns, first in first out', async () => {
      const order: string[] = [];
      const plugin = await openGuest(async ({ payload }) => {
        const name = Buffer.from(payload).toString();
        order.push(`${name} began`);
        await new Promise(setImmediate);
        order.push(`${name} ended`);
        return { bytes: payload };
      });
      const answers = await Promise.all(['a', 'b', 'c'].map((name) => textOf(plugin, 'host', asking(name))));
      expect(answers).toEqual(['a', 'b', 'c']);
      expect(order).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} began`, `${name} ended`]));
    });

    it('hands over the request as it was, whatever became of the caller’s own bytes', async () => {
      const input = asking('as it was');
      const plugin = await openGuest(async ({ payload }) => {
        input.fill(0);
        return { bytes: payload };
      });
      const { bytes } = await plugin.call('host_then_again', input);
      expect(Buffer.from(bytes).equals(asking('as it was'))).toBe(true);
    });

    it('may call the plugin again only where that cannot wait for itself', async () => {
      let refused: unknown;
      const plugin = await openGuest(async () => {
        refused = await refusalOf(() => plugin.call('echo'));
        return reply('outer');
      });
      expect(await textOf(plugin, 'host', asking())).toBe('outer');
      expect(refused).toEqual([
        'conflict',
        'the plugin is running: it cannot be called from its own host functions',
      ]);
    });
  });
}
