// What the SDK gets wrong only where a plugin runs in a worker, each with a demonstration of what the SDK does instead.
import { expect } from 'vitest';
import type { Defect } from './defects.ts';
import { manifestOf, word } from './modules.ts';
import {
  DEAF,
  type Implementation,
  type PeerContext,
  type PeerOptions,
  rejectionOf,
  withPlugin,
} from './peer.ts';

// Long enough to start a worker and short enough to wait for, milliseconds.
const LIMIT_MS = 1_500;

// How many calls nobody resets the plugin after.
const MANY = 20_000;
// As many as show what the SDK keeps of them.
const SEVERAL = 100;

/** Where the blocks of each of several calls are, as a host function sees them. */
async function places(implementation: Implementation, calls: number): Promise<readonly bigint[]> {
  const places: bigint[] = [];
  const options = {
    runInWorker: true,
    functions: {
      'extism:host/user': {
        hello_world: (_: PeerContext, block: bigint | undefined) => {
          places.push(block ?? 0n);
          return block;
        },
      },
    },
  };
  return withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
    for (let call = 0; call < calls; call++) await plugin.call('count_vowels', 'a');
    return places;
  });
}

/** What a call of a plugin whose host function throws the first time rejects with, and what the next one answers. */
async function afterThrow(
  implementation: Implementation,
  thrown: Error,
): Promise<readonly [first: unknown, second: unknown]> {
  let calls = 0;
  const options = {
    runInWorker: true,
    functions: {
      'extism:host/user': {
        hello_world: (_: PeerContext, block: bigint | undefined) => {
          calls += 1;
          if (calls === 1) throw thrown;
          return block;
        },
      },
    },
  };
  return withPlugin(implementation, await manifestOf('count-vowels-host'), options, async (plugin) => {
    const first = await rejectionOf(() => plugin.call('count_vowels', 'hello'));
    const silent = new Promise((resolve) => setTimeout(() => resolve('nothing'), 200));
    const second = plugin.call('count_vowels', 'hello').then(
      (output) => output?.text(),
      (error: Error) => error.message,
    );
    return [first, await Promise.race([second, silent])] as const;
  });
}

/** What calls come to of which one sets a variable that has no room, and one has a host function that sets an error. */
async function errorsSet(implementation: Implementation): Promise<readonly unknown[]> {
  const outcome = async (
    guest: 'memory' | 'count-vowels-host',
    options: PeerOptions,
    name: string,
    input: string | Uint8Array,
  ): Promise<unknown> =>
    withPlugin(implementation, await manifestOf(guest), { runInWorker: true, ...options }, (plugin) =>
      plugin.call(name, input).then(
        () => 'an answer',
        (error: Error) => error.message,
      ),
    );
  const hello_world = (context: PeerContext, block: bigint | undefined): unknown => {
    context.setError('the host is out of coffee');
    return block;
  };
  const functions = { 'extism:host/user': { hello_world } };
  return [
    await outcome('memory', { logger: DEAF, memory: { maxVarBytes: 1_024 } }, 'alloc_var', word(1_025)),
    await outcome('count-vowels-host', { functions }, 'count_vowels', 'hello'),
  ];
}

/** The defects. */
export const WORKER_DEFECTS: readonly Defect[] = [
  {
    number: 2,
    title: 'nothing grows with the number of calls in a worker that nobody resets',
    run: async (implementation) => {
      const [first, ...others] = await places(implementation, MANY);
      expect(new Set(others)).toEqual(new Set([first]));
    },
    sdk: async (sdk) => {
      expect(new Set(await places(sdk, SEVERAL)).size).toBe(SEVERAL);
    },
  },
  {
    number: 11,
    title: 'errors of a plugin in a worker are errors, and traps have their name',
    run: async (implementation) =>
      withPlugin(implementation, await manifestOf('unreachable'), { runInWorker: true }, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('do_unreachable'));
        expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
        expect([error.name, error.message]).toEqual(['RuntimeError', 'unreachable']);
        expect(error.stack).toContain('wasm');
      }),
    sdk: async (sdk) =>
      withPlugin(sdk, await manifestOf('unreachable'), { runInWorker: true }, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('do_unreachable'));
        expect(error).not.toBeInstanceOf(Error);
        expect([error.name, error.message]).toEqual([undefined, 'unreachable']);
      }),
  },
  {
    number: 12,
    title: 'a host function that throws ends one call of a plugin in a worker, and nothing else',
    run: async (implementation) => {
      const thrown = new Error('it is a bad day');
      const [first, second] = await afterThrow(implementation, thrown);
      expect(first).toBe(thrown);
      expect(second).toBe('{"count": 2}');
    },
    sdk: async (sdk) => {
      const thrown = new Error('it is a bad day');
      expect(await afterThrow(sdk, thrown)).toEqual([thrown, 'nothing']);
    },
  },
  {
    number: 12,
    title: 'a call that timed out in a worker says that the state of the plugin is lost',
    run: async (implementation) => {
      const options = { runInWorker: true, timeoutMs: LIMIT_MS };
      await withPlugin(implementation, await manifestOf('loop-forever'), options, async (plugin) => {
        expect(await rejectionOf(() => plugin.call('loop_forever'))).toMatchObject({
          code: 'timeout',
          message: 'EXTISM: call canceled due to timeout',
          stateLost: true,
        });
      });
    },
    sdk: async (sdk) => {
      const options = { runInWorker: true, timeoutMs: LIMIT_MS };
      await withPlugin(sdk, await manifestOf('loop-forever'), options, async (plugin) => {
        const error = await rejectionOf(() => plugin.call('loop_forever'));
        expect(Object.keys(error)).not.toContain('stateLost');
      });
    },
  },
  {
    title: 'an error that is set during a call of a plugin in a worker fails it',
    run: async (implementation) => {
      expect(await errorsSet(implementation)).toEqual([
        'Plugin-originated error: var memory limit exceeded: 1025 bytes requested, 1024 allowed',
        'Plugin-originated error: the host is out of coffee',
      ]);
    },
    sdk: async (sdk) => {
      expect(await errorsSet(sdk)).toEqual(['an answer', 'an answer']);
    },
  },
];
