// Plugins on threads of ours: one runtime, as an app has one.
import { contentAddress, type OpenOptions, type PluginOutput, type PluginSource } from '@plugbay/core';
import { createWorkerRuntime } from '@plugbay/wasm';
import { guest } from '../../../guests.ts';
import { NO_DOOR } from '../door.ts';
import { check, type Opened, type Work } from '../work.ts';

/** A runtime whose threads are up, and the work's module compiled. */
export interface OurThreads {
  open(pool?: OpenOptions['pool']): Promise<Opened>;
  close(): Promise<void>;
}

/** Starts our side. @throws Error when a first call does not answer what `work` says. */
export async function ourThreads(work: Work): Promise<OurThreads> {
  const runtime = createWorkerRuntime();
  const bytes = await guest(work.guest);
  const source: PluginSource = { name: work.guest, digest: contentAddress(bytes), bytes };
  const open: OurThreads['open'] = async (pool) => {
    const plugin = await runtime.open(source, { tenant: 'bench', door: NO_DOOR, pool });
    return {
      call: () => plugin.call(work.run, work.input),
      bytes: (answer) => (answer as PluginOutput).bytes,
      close: () => plugin.close(),
    };
  };
  try {
    const first = await open();
    await check(first, work);
    await first.close();
  } catch (error) {
    await runtime.close();
    throw error;
  }
  return { open, close: () => runtime.close() };
}
