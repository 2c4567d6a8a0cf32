// How many calls all threads together serve.
import { availableParallelism } from 'node:os';
import { RoundTrips } from '../../../round-trips.ts';
import type { Contender, TimedRow } from '../../../row.ts';
import { COUNT_VOWELS } from '../count-vowels.ts';
import { check } from '../work.ts';
import { ourThreads } from './ours.ts';
import { peerResetting } from './peer.ts';

const CONCURRENT = 64;
// As many as calls, so that none waits for another one's instance.
const POOL = { stateless: true, instances: CONCURRENT };

/** Calls per second: 64 at a time of one stateless plugin. The peer has a plugin per processor, which takes one call at a time. */
export const throughput: TimedRow = {
  name: 'extism/throughput/worker',
  unit: 'per_s',
  must: 5,
  async ours() {
    const threads = await ourThreads(COUNT_VOWELS);
    const plugin = await threads.open(POOL);
    return { run: sharing(new Array(CONCURRENT).fill(plugin.call)), close: threads.close };
  },
  async peer() {
    const plugins = await Promise.all(Array.from(processors(), () => peerResetting(COUNT_VOWELS)));
    for (const plugin of plugins) await check(plugin, COUNT_VOWELS);
    return { run: sharing(plugins.map(({ call }) => call)), close: closing(plugins) };
  },
  async limit() {
    const threads = Array.from(processors(), () => new RoundTrips());
    const callers = Array.from({ length: CONCURRENT }, (_, caller) => {
      const thread = threads[caller % threads.length] as RoundTrips;
      return () => thread.ask();
    });
    return { run: sharing(callers), close: closing(threads) };
  },
};

// Runs that are shared among callers, each of which waits for its answer before it calls again.
function sharing(callers: readonly (() => unknown)[]): Contender['run'] {
  return async (runs) => {
    let left = runs;
    await Promise.all(
      callers.map(async (call) => {
        while (left-- > 0) await call();
      }),
    );
  };
}

function closing(all: readonly { close(): Promise<void> }[]): () => Promise<void> {
  return async () => void (await Promise.all(all.map((one) => one.close())));
}

function processors(): { readonly length: number } {
  return { length: availableParallelism() };
}
