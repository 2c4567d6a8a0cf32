// Plugins on the Extism JavaScript SDK, each on a thread of its own.
import createPlugin, { type Plugin } from '@extism/extism';
import { guest } from '../../../guests.ts';
import type { Opened, Work } from '../work.ts';

const OPTIONS = { runInWorker: true };

/** Opens plugins of the peer, from a module that is compiled. */
export async function peerOpener(work: Work): Promise<() => Promise<Opened>> {
  const module = new WebAssembly.Module(await guest(work.guest));
  return async () => opened(await createPlugin(module, OPTIONS), work);
}

/** A plugin of the peer whose every call begins with a reset: without, each takes longer than the one before, without end. */
export async function peerResetting(work: Work): Promise<Opened> {
  const plugin = await createPlugin(new WebAssembly.Module(await guest(work.guest)), OPTIONS);
  return resetting(plugin, work);
}

function opened(plugin: Plugin, { run, input }: Work): Opened {
  return {
    call: () => plugin.call(run, input),
    bytes: (answer) => (answer as { bytes(): Uint8Array }).bytes(),
    close: () => plugin.close(),
  };
}

function resetting(plugin: Plugin, work: Work): Opened {
  return {
    ...opened(plugin, work),
    async call() {
      if (!(await plugin.reset())) throw new Error('the peer did not reset its plugin');
      return plugin.call(work.run, work.input);
    },
  };
}
