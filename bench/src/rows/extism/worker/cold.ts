// From a module that was compiled before to its first result on a thread.
import { guest } from '../../../guests.ts';
import { median } from '../../../median.ts';
import { pause } from '../../../pause.ts';
import type { FigureRow } from '../../../row.ts';
import { bare } from '../bare.ts';
import { COUNT_VOWELS } from '../count-vowels.ts';
import { check, type Opened } from '../work.ts';
import { ourThreads } from './ours.ts';
import { peerOpener } from './peer.ts';

// Enough for a median that a second measurement repeats; the peer takes hundreds of times as long.
const ROUNDS = 7;
const RUNS = 500;
const PEER_RUNS = 5;
// As for the other rows, for the compilers to settle.
const WARM_UP_MS = 1_000;

/**
 * Opens a plugin whose module is known, and calls it. Ours has its threads up; the peer starts one. Closing does not count. The
 * median of single runs: in the mean there is what the system takes to give back the addresses of memories, which all sides have.
 */
export const cold: FigureRow = {
  name: 'extism/cold/worker',
  unit: 'us',
  must: 100,
  async figures() {
    const threads = await ourThreads(COUNT_VOWELS);
    try {
      const ours = { open: () => threads.open(), runs: RUNS, times: [] };
      const limit = { open: await bareOpener(), runs: RUNS, times: [] };
      const peer = { open: await peerOpener(COUNT_VOWELS), runs: PEER_RUNS, times: [] };
      const sides = [ours, limit, peer];
      for (const side of sides) await warmUp(side);
      for (let round = 0; round < ROUNDS; round++) for (const side of sides) await measure(side);
      return { ours: median(ours.times), limit: median(limit.times), peer: median(peer.times) };
    } finally {
      await threads.close();
    }
  },
};

interface Side {
  readonly open: () => Promise<Opened>;
  /** Runs in each round. */
  readonly runs: number;
  /** Microseconds of each run. */
  readonly times: number[];
}

async function bareOpener(): Promise<() => Promise<Opened>> {
  const side = bare(await guest('bare_env'));
  return side.load(await guest(COUNT_VOWELS.guest), COUNT_VOWELS);
}

async function warmUp({ open }: Side): Promise<void> {
  const until = performance.now() + WARM_UP_MS;
  do {
    const opened = await open();
    await check(opened, COUNT_VOWELS);
    await opened.close();
  } while (performance.now() < until);
}

async function measure({ open, runs, times }: Side): Promise<void> {
  await pause();
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    const opened = await open();
    await opened.call();
    times.push((performance.now() - started) * 1_000);
    await opened.close();
  }
}
