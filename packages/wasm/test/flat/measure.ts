// What a process holds: measured at rest, so that garbage that is only not yet collected does not count.
import { setTimeout as pause } from 'node:timers/promises';

/** Bytes that are in use, and bytes of the process that are in memory. */
export interface Held {
  readonly heap: number;
  /** Memories of modules and other buffers beside the heap. */
  readonly buffers: number;
  readonly resident: number;
}

// Freed memories are given back by a thread of V8's own, a little later.
const SETTLING_MS = 60;

/** Collects what can be collected and answers with what is left. Wants `--expose-gc`. */
async function held(): Promise<Held> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error('start it with --expose-gc');
  for (let round = 0; round < 4; round++) {
    gc();
    await pause(SETTLING_MS);
  }
  const { heapUsed, arrayBuffers, external, rss } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers + external, resident: rss };
}

/** How much more is held after `work` than before it, once `work` has run `warm` times. Bytes. */
export async function growth(warm: () => unknown, work: () => unknown): Promise<Held> {
  await warm();
  const before = await held();
  await work();
  const after = await held();
  return {
    heap: after.heap - before.heap,
    buffers: after.buffers - before.buffers,
    resident: after.resident - before.resident,
  };
}
