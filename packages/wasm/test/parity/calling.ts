// Calls: input, output, memory, variables, errors.
import { expect } from 'vitest';
import { guest } from '../guests/catalogue.ts';
import { linked, manifestOf, word } from './modules.ts';
import { DEAF, type ParityCase, rejectionOf, withPlugin } from './peer.ts';

const PAGE = 65_536;

/** The cases. */
export const CALLING: readonly ParityCase[] = [
  {
    number: 10,
    title: 'can call functions, and keeps variables between calls',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('count-vowels'), {}, async (plugin) => {
        const count = async (text: string): Promise<unknown> =>
          (await plugin.call('count_vowels', text))?.json();
        expect(await count('hello world')).toEqual({ count: 3, total: 3, vowels: 'aeiouAEIOU' });
        expect(await count('hello')).toEqual({ count: 2, total: 5, vowels: 'aeiouAEIOU' });
        expect(await count('')).toEqual({ count: 0, total: 5, vowels: 'aeiouAEIOU' });
      }),
  },
  {
    number: 14,
    title: 'respects offset and length of an input that is a view',
    run: async (implementation) =>
      withPlugin(
        implementation,
        await linked({ main: 'reflect', 'extism:host/user': 'upper' }),
        {},
        async (plugin) => {
          const larger = new TextEncoder().encode('xxx hello world! xxx');
          const output = await plugin.call('reflect', larger.subarray(4, 16));
          expect(output?.string()).toBe('HELLO WORLD!');
          expect(output?.byteLength).toBe(12);
        },
      ),
  },
  {
    number: 15,
    title: 'can allocate memory',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('alloc'), {}, async (plugin) => {
        expect(await plugin.call('run_test', '')).toBe(null);
      }),
  },
  {
    number: 16,
    title: 'cannot allocate more memory than allowed',
    run: async (implementation) =>
      withPlugin(
        implementation,
        await manifestOf('memory'),
        { logger: DEAF, memory: { maxPages: 2 } },
        async (plugin) => {
          await rejectionOf(() => plugin.call('alloc_memory', word(5 * PAGE)));
        },
      ),
  },
  {
    number: 17,
    title: 'can allocate memory when it is allowed',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('memory'), { memory: { maxPages: 6 } }, async (plugin) => {
        expect(await plugin.call('alloc_memory', word(5 * PAGE))).toBe(null);
      }),
  },
  {
    number: 18,
    title: 'can call input_offset',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('input-offset'), {}, async (plugin) => {
        expect((await plugin.call('input_offset', 'hello world'))?.text()).toBe('hello world');
      }),
  },
  {
    number: 19,
    title: 'can fail gracefully',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('fail'), {}, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('run_test', ''));
        expect(error.message).toBe('Plugin-originated error: Some error message');
      }),
  },
  {
    number: 20,
    title: 'fails when calling an unknown function',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('count-vowels'), {}, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('acme', 'hello'));
        expect(error.message).toBe('Plugin error: function "acme" does not exist');
      }),
  },
  {
    number: 25,
    title: 'cannot keep more bytes of variables than allowed',
    run: async (implementation) =>
      withPlugin(
        implementation,
        await manifestOf('memory'),
        { logger: DEAF, memory: { maxVarBytes: 1_024 } },
        async (plugin) => {
          const error = await rejectionOf(() => plugin.call('alloc_var', word(1_025)));
          expect(error.message).toBe(
            'Plugin-originated error: var memory limit exceeded: 1025 bytes requested, 1024 allowed',
          );
        },
      ),
  },
  {
    number: 26,
    title: 'can keep exactly as many bytes of variables as allowed',
    run: async (implementation) =>
      withPlugin(
        implementation,
        await manifestOf('memory'),
        { memory: { maxVarBytes: 1_024 } },
        async (plugin) => {
          expect(await plugin.call('alloc_var', word(1_024))).toBe(null);
          // The new value takes the old one's place.
          expect(await plugin.call('alloc_var', word(1_024))).toBe(null);
        },
      ),
  },
  {
    number: 29,
    title: 'can get and set variables',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('var'), {}, async (plugin) => {
        const call = async (): Promise<string | undefined> => (await plugin.call('run_test', ''))?.string();
        expect([await call(), await call()]).toEqual(['a: 0', 'a: 1']);
        await plugin.call('forget');
        expect(await call()).toBe('a: 0');
      }),
  },
  {
    title: 'keeps variables and the memory of the module when it is reset',
    run: async (implementation) => {
      await withPlugin(implementation, await manifestOf('var'), {}, async (plugin) => {
        await plugin.call('run_test');
        expect(await plugin.reset()).toBe(true);
        expect((await plugin.call('run_test'))?.text()).toBe('a: 1');
      });
      await withPlugin(implementation, await manifestOf('globals'), {}, async (plugin) => {
        await plugin.call('globals');
        await plugin.reset();
        expect((await plugin.call('globals'))?.getBigUint64(0, true)).toBe(1n);
      });
    },
  },
  {
    title: 'answers with null when no output was set, and with nothing when an empty one was',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('consume'), {}, async (plugin) => {
        for (const input of [undefined, '', 'x', 'x'.repeat(100_003)])
          expect(await plugin.call('run_test', input)).toBe(null);
      }),
  },
  {
    title: 'answers with a view of exactly the output, which cannot be changed through its setters',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('hello'), {}, async (plugin) => {
        const output = await plugin.call('hello');
        expect(output).toBeInstanceOf(DataView);
        if (output === null) return;
        expect(output.buffer.byteLength).toBe(13);
        expect(output.arrayBuffer()).toBe(output.buffer);
        expect([output.text(), output.string()]).toEqual(['Hello, world!', 'Hello, world!']);
        expect(Buffer.from(output.bytes()).toString()).toBe('Hello, world!');
        expect([output.getUint8(0), output.getUint16(0, true), output.getFloat64(0)]).toEqual([
          0x48,
          0x6548,
          Buffer.from('Hello, w').readDoubleBE(),
        ]);
        for (const change of [
          () => output.setInt8(0, 1),
          () => output.setUint8(0, 1),
          () => output.setInt16(0, 1),
          () => output.setUint16(0, 1),
          () => output.setInt32(0, 1),
          () => output.setUint32(0, 1),
          () => output.setFloat32(0, 1),
          () => output.setFloat64(0, 1),
          () => output.setBigInt64(0, 1n),
          () => output.setBigUint64(0, 1n),
        ])
          expect(change).toThrow('Cannot set values on output');
        expect(() => output.json()).toThrow(SyntaxError);
      }),
  },
  {
    title: 'rejects with the trap when the module crashes, and can be called again',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('unreachable'), {}, async (plugin) => {
        for (const name of ['do_unreachable', 'do_unreachable'])
          expect((await rejectionOf(() => plugin.call(name))).message).toContain('unreachable');
      }),
  },
  {
    title: 'is not active between calls, and can be closed twice',
    run: async ({ createPlugin }) => {
      const plugin = await createPlugin({ wasm: [{ data: await guest('hello') }] });
      expect(plugin.isActive()).toBe(false);
      await plugin.call('hello');
      expect(plugin.isActive()).toBe(false);
      await plugin.close();
      await plugin.close();
    },
  },
];
