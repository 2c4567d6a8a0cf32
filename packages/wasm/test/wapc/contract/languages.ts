// Guests in other languages, as people write them: with the waPC project's libraries.
import { messagePack, wapcFixture } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { keepingLogger } from '../../open.ts';
import { libraryGuest } from '../guests.ts';
import { door, type OpenWapc, refusalOf, reply, textOf } from './open.ts';

/** Declares the tests. */
export function languageTests(open: OpenWapc): void {
  describe('a guest in AssemblyScript with the waPC library', () => {
    it('calls its host and answers', async () => {
      const logger = keepingLogger();
      const passed = door(({ payload }) => ({ bytes: payload }));
      const plugin = await open(await libraryGuest(), { door: passed, logger });
      expect(await textOf(plugin, 'hello')).toBe('Hello, Simon!');
      expect(passed.calls.map(({ link }) => link)).toEqual(['myBinding']);
      expect(logger.lines.map(({ text }) => text)).toEqual(['hello called']);
    });

    it('hands on what its host call failed with', async () => {
      const plugin = await open(await libraryGuest(), { door: door(() => reply('', 'não')) });
      expect(await refusalOf(() => plugin.call('hello'))).toEqual(['plugin', 'não']);
    });

    it.each(['nope', '404'])('has no operation %s', async (name) => {
      const plugin = await open(await libraryGuest());
      expect(await refusalOf(() => plugin.call(name))).toEqual([
        'plugin',
        `Could not find function "${name}"`,
      ]);
    });

    it('throws with its text', async () => {
      const plugin = await open(await libraryGuest());
      expect(await refusalOf(() => plugin.call('throw', 'thrown'))).toEqual([
        'plugin',
        'thrown; wapc-library.ts (14,3)',
      ]);
      expect(await textOf(plugin, 'echo', 'and works')).toBe('and works');
    });
  });

  describe('a guest in Rust with the waPC library', () => {
    it('answers, and several do not mix', async () => {
      const { decode, encode } = await messagePack();
      const bytes = await wapcFixture('rust_echo_string');
      const plugins = [await open(bytes), await open(bytes)];
      const answers = await Promise.all(
        plugins.map((plugin, index) => plugin.call('echo', encode({ msg: `world${index}` }))),
      );
      expect(answers.map((answer) => decode(answer.bytes))).toEqual(['world0', 'world1']);
    });

    it('calls its host', async () => {
      const { decode, encode } = await messagePack();
      const passed = door(({ payload }) => ({ bytes: encode(String(decode(payload)).toUpperCase()) }));
      const plugin = await open(await wapcFixture('rust_host_call'), { door: passed });
      const request = encode({
        binding: 'myBinding',
        namespace: 'sample',
        operation: 'hello',
        msg: 'the payload',
      });
      expect(decode((await plugin.call('callback', request)).bytes)).toBe('THE PAYLOAD');
      expect(passed.calls.map(({ link, namespace, operation }) => [link, namespace, operation])).toEqual([
        ['myBinding', 'sample', 'hello'],
      ]);
    });

    it('hands on what its host call failed with', async () => {
      const { encode } = await messagePack();
      const plugin = await open(await wapcFixture('rust_host_call'), { door: door(() => reply('')) });
      const request = encode({ binding: 'b', namespace: 'n', operation: 'o', msg: 'x' });
      expect(await refusalOf(() => plugin.call('callback', request))).toEqual([
        'plugin',
        'Guest call failed: Host error: nobody answers n.o',
      ]);
    });
  });
}
