// The SDK's own tests that are about plugins which run in a worker.
import { expect } from 'vitest';
import { manifestOf } from './modules.ts';
import { type ParityCase, type PeerContext, type PeerOptions, rejectionOf, withPlugin } from './peer.ts';

// Long enough to start a worker and short enough to wait for, milliseconds.
const LIMIT_MS = 1_500;

type HelloWorld = (context: PeerContext, block: bigint) => unknown;

const inWorker = (hello_world: HelloWorld): PeerOptions => ({
  runInWorker: true,
  functions: { 'extism:host/user': { hello_world: hello_world as never } },
});

/** The cases. */
export const WORKERS: readonly ParityCase[] = [
  {
    number: 34,
    title: 'waits for asynchronous host functions in a worker',
    run: async (implementation) => {
      const options = inWorker(async (context, block) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        return context.store(`${context.read(block)?.string()} after a while`);
      });
      await withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
        const output = await plugin.call('count_vowels', 'hello world');
        expect(output?.string()).toBe('{"count": 3} after a while');
      });
    },
  },
  {
    number: 35,
    title: 'reflects variables of the plugin in the call context',
    run: async (implementation) => {
      const functions = {
        'extism:host/user': {
          test: (context: PeerContext, key: bigint | undefined) => {
            const name = context.read(key ?? 0n)?.string() ?? '';
            const value = context.getVariable(name);
            if (value === null) throw new Error(`there is no variable "${name}"`);
            context.setVariable(name, `${value.string()}, and back`);
            return key;
          },
        },
      };
      const options = { runInWorker: true, functions };
      await withPlugin(implementation, await manifestOf('var-reflected'), options, async (plugin) => {
        expect((await plugin.call('run_test', 'there'))?.string()).toBe('there, and back');
      });
    },
  },
  {
    number: 36,
    title: 'stops a call after timeoutMs',
    run: async (implementation) => {
      const options = { runInWorker: true, timeoutMs: LIMIT_MS };
      await withPlugin(implementation, await manifestOf('loop-forever'), options, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('loop_forever'));
        expect(error.message).toBe('EXTISM: call canceled due to timeout');
      });
    },
  },
  {
    number: 37,
    title: 'stops an initialisation after timeoutMs',
    run: async ({ createPlugin }) => {
      const manifest = await manifestOf('loop-forever-init');
      const error = await rejectionOf(() => createPlugin(manifest, { runInWorker: true, timeoutMs: 1 }));
      expect(error.message).toBe('EXTISM: timed out while waiting for plugin to instantiate');
    },
  },
  {
    number: 38,
    title: 'gives host functions the context of the call by reference',
    run: async (implementation) => {
      const given = { secret: Symbol('secret'), run: () => 'x' };
      const seen: unknown[] = [];
      const options = inWorker((context, block) => {
        seen.push(context.hostContext());
        return block;
      });
      await withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
        await plugin.call('count_vowels', 'hello', given);
      });
      expect(seen).toHaveLength(1);
      expect(seen[0]).toBe(given);
    },
  },
  {
    number: 39,
    title: 'writes what spans several buffers between the threads',
    run: async (implementation) => {
      const long = 'the quick brown fox jumps over the lazy dog. '.repeat(500);
      const options = inWorker((context) => context.store(long));
      const small = { ...options, sharedArrayBufferSize: 64 };
      await withPlugin(implementation, await manifestOf('count-vowels-host'), small, async (plugin) => {
        expect((await plugin.call('count_vowels', 'hello'))?.string()).toBe(long);
        expect((await plugin.call('count_vowels', long))?.string()).toBe(long);
      });
    },
  },
  {
    number: 40,
    title: 'refuses a call from within a call',
    run: async (implementation) => {
      let inner: Promise<Error> | undefined;
      const options = inWorker((_, block) => {
        inner = rejectionOf(() => plugin.call('count_vowels', 'other'));
        return block;
      });
      const plugin = await implementation.createPlugin(await manifestOf('count-vowels-host'), options);
      expect((await plugin.call('count_vowels', 'hello'))?.json()).toEqual({ count: 2 });
      expect((await inner)?.message).toBe('plugin is not reentrant');
      await plugin.close();
    },
  },
];
