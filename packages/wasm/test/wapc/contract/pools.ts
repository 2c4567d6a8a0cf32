// Several instances of one plugin, several plugins of one module, and what they see of each other.
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../open.ts';
import { wapcGuest } from '../guests.ts';
import { asking, laterDoor, type OpenWapc, reply, textOf } from './open.ts';

/** Declares the tests. */
export function poolTests(open: OpenWapc): void {
  describe('instances', () => {
    it('of different plugins do not mix', async () => {
      const bytes = await wapcGuest();
      const plugins = [await open(bytes), await open(bytes)];
      await plugins[0]?.call('calls');
      expect((await plugins[0]?.call('calls'))?.bytes[0]).toBe(2);
      expect((await plugins[1]?.call('calls'))?.bytes[0]).toBe(1);
    });

    it('of one plugin serve a hundred calls at the same time, each its own', async () => {
      const plugin = await open(await wapcGuest(), {
        pool: { stateless: true, instances: 4 },
        door: laterDoor(async ({ payload }) => {
          await new Promise(setImmediate);
          return { bytes: payload };
        }),
      });
      const names = Array.from({ length: 100 }, (_, index) => `call ${index}`);
      expect(await Promise.all(names.map((name) => textOf(plugin, 'host', asking(name))))).toEqual(names);
    });

    it('are replaced when they crash, while others go on', async () => {
      const plugin = await open(await wapcGuest(), {
        pool: { stateless: true, instances: 4 },
        door: laterDoor(async () => {
          await new Promise(setImmediate);
          return reply('ok');
        }),
      });
      const calls = Array.from({ length: 40 }, (_, index) =>
        index % 4 === 0
          ? failureOf(() => plugin.call('trap')).then(({ code }) => code)
          : textOf(plugin, 'host', asking()),
      );
      expect(await Promise.all(calls)).toEqual(
        Array.from({ length: 40 }, (_, index) => (index % 4 === 0 ? 'trap' : 'ok')),
      );
    });
  });

  describe('a closed plugin', () => {
    it('may be closed again, and is not called any more', async () => {
      const plugin = await open(await wapcGuest());
      await plugin.close();
      await plugin.close();
      expect((await failureOf(() => plugin.call('echo'))).code).toBe('unavailable');
    });

    it('lets running calls end in the time that it is given', async () => {
      const answer = Promise.withResolvers<void>();
      const plugin = await open(await wapcGuest(), {
        door: laterDoor(async () => {
          await answer.promise;
          return reply('in time');
        }),
      });
      const running = textOf(plugin, 'host', asking());
      const closed = plugin.close({ drainMs: 10_000 });
      answer.resolve();
      expect(await running).toBe('in time');
      await closed;
    });
  });
}
