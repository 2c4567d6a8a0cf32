// Extism plugins: ours, the Extism JavaScript SDK, and the bare WebAssembly API on the same guest.
import createPlugin from '@extism/extism';
import {
  contentAddress,
  type HostDoor,
  PlugbayError,
  type Plugin,
  type PluginSource,
  type Runtime,
} from '@plugbay/core';
import { createInlineRuntime } from '@plugbay/wasm';
import { bareEnvironment, instantiateBare } from '../bare.ts';
import { guest } from '../guests.ts';
import type { Row } from '../row.ts';

const EXPORT = 'count_vowels';
const INPUT = new TextEncoder().encode('hello world');

/** One call of a resident plugin: 11 bytes in, one look at the configuration, one variable read and written. */
export const countVowels: Row = {
  name: 'extism/count_vowels/inline',
  unit: 'us',
  must: 8,
  async ours() {
    const plugin = await openOurs(createInlineRuntime(), await source());
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) await plugin.call(EXPORT, INPUT);
      },
      close: () => plugin.close(),
    };
  },
  async peer() {
    const plugin = await createPlugin(new WebAssembly.Module(await guest(EXPORT)));
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) await plugin.call(EXPORT, INPUT);
      },
      close: () => plugin.close(),
    };
  },
  async limit() {
    const bare = instantiateBare(
      await bareEnvironment(),
      new WebAssembly.Module(await guest(EXPORT)),
      EXPORT,
    );
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) await bare.call(INPUT);
      },
    };
  },
};

/** From a compiled module to the first result. */
export const instantiate: Row = {
  name: 'extism/instantiate/inline',
  unit: 'us',
  must: 1.1,
  async ours() {
    const runtime = createInlineRuntime();
    const plugin = await source();
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) {
          const opened = await openOurs(runtime, plugin);
          await opened.call(EXPORT, INPUT);
          await opened.close();
        }
      },
    };
  },
  async peer() {
    const module = new WebAssembly.Module(await guest(EXPORT));
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) {
          const opened = await createPlugin(module);
          await opened.call(EXPORT, INPUT);
          await opened.close();
        }
      },
    };
  },
  async limit() {
    const environment = await bareEnvironment();
    const module = new WebAssembly.Module(await guest(EXPORT));
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) await instantiateBare(environment, module, EXPORT).call(INPUT);
      },
    };
  },
};

async function source(): Promise<PluginSource> {
  const bytes = await guest(EXPORT);
  return { name: EXPORT, digest: contentAddress(bytes), bytes };
}

function openOurs(runtime: Runtime, plugin: PluginSource): Promise<Plugin> {
  return runtime.open(plugin, { tenant: 'bench', door: NO_DOOR });
}

const NO_DOOR: HostDoor = {
  mode: () => undefined,
  callSync: refuse,
  call: async () => refuse(),
  authorise: refuse,
};

function refuse(): never {
  throw new PlugbayError('denied', 'the benchmark grants nothing');
}
