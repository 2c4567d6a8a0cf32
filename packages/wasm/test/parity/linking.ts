// Plugins of several modules.
import { expect } from 'vitest';
import { linked } from './modules.ts';
import { type ParityCase, rejectionOf, withPlugin } from './peer.ts';

/** The cases. */
export const LINKING: readonly ParityCase[] = [
  {
    number: 11,
    title: 'links modules, also by the name of a namespace of the host',
    run: async (implementation) =>
      withPlugin(
        implementation,
        await linked({ main: 'reflect', 'extism:host/user': 'upper' }),
        {},
        async (plugin) => {
          expect((await plugin.call('reflect', 'Hello, world!'))?.text()).toBe('HELLO, WORLD!');
        },
      ),
  },
  {
    number: 12,
    title: 'links modules that import functions from each other',
    run: async (implementation) =>
      withPlugin(
        implementation,
        await linked({ main: 'circular-main', lhs: 'circular-lhs', rhs: 'circular-rhs' }),
        {},
        async (plugin) => {
          expect((await plugin.call('encalculate', ''))?.getBigUint64(0, true)).toBe(127n);
        },
      ),
  },
  {
    number: 13,
    title: 'names the module that imports what nobody provides',
    run: async ({ createPlugin }) => {
      const manifest = await linked({ main: 'circular-main', lhs: 'circular-lhs' });
      expect((await rejectionOf(() => createPlugin(manifest))).message).toBe(
        'from module "main"/"lhs": cannot resolve import "rhs" "add_one": not provided by host imports nor linked manifest items',
      );
    },
  },
  {
    title: 'instantiates a command anew for every import of it',
    run: async (implementation) =>
      withPlugin(
        implementation,
        await linked({ main: 'commander', command: 'command' }),
        {},
        async (plugin) => {
          const call = async (): Promise<bigint[]> => {
            const output = await plugin.call('run_test');
            return [0, 8].map((at) => output?.getBigUint64(at, true) ?? -1n);
          };
          expect(await call()).toEqual([2n, 10n]);
          expect(await call()).toEqual([4n, 20n]);
        },
      ),
  },
  {
    title: 'prefers a module to host functions of the same namespace',
    run: async (implementation) => {
      const functions = { 'extism:host/user': { host_reflect: () => 0n } };
      const manifest = await linked({ main: 'reflect', 'extism:host/user': 'upper' });
      await withPlugin(implementation, manifest, { functions }, async (plugin) => {
        expect((await plugin.call('reflect', 'x'))?.text()).toBe('X');
      });
    },
  },
  {
    title: 'wants a main module, and takes the last one without a name for it',
    run: async (implementation) => {
      const manifest = await linked({ left: 'hello', right: 'hello' });
      expect((await rejectionOf(() => implementation.createPlugin(manifest))).message).toBe(
        'manifest with multiple modules must designate one "main" module',
      );
      const { wasm } = await linked({ 'extism:host/user': 'upper', unnamed: 'reflect' });
      const unnamed = { wasm: wasm.map((entry, at) => (at === 1 ? { data: entry.data } : entry)) };
      await withPlugin(implementation, unnamed, {}, async (plugin) => {
        expect((await plugin.call('reflect', 'x'))?.text()).toBe('X');
      });
    },
  },
];
