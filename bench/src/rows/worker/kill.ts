// How long after its time limit a call of a plugin that never ends is rejected.
import { setTimeout } from 'node:timers/promises';
import { median } from '../../median.ts';
import { percentile } from '../../percentile.ts';
import type { FigureRow } from '../../row.ts';
import { ourSpinner, peerSpinner, type Spinner } from './spinner.ts';

// The peer starts a thread in this time, or fails.
const LIMIT_MS = 250;
const ROUNDS = 11;
// Without the peer it can be short, because what comes after a limit does not depend on it.
const SHORT_LIMIT_MS = 10;
// Of so many, two are above the 99th percentile.
const MANY_ROUNDS = 200;

/** Milliseconds past the limit until the call rejects: the median. The limit is a timer of the same length. */
export const kill: FigureRow = {
  name: 'worker/kill',
  unit: 'ms',
  must: 4,
  async figures() {
    const ours = await ourSpinner(LIMIT_MS);
    try {
      const peer = await peerSpinner(LIMIT_MS);
      try {
        const [our = [], limit = [], other = []] = await overruns([ours, TIMER, peer], LIMIT_MS, ROUNDS);
        return { ours: overrun(our), limit: overrun(limit), peer: overrun(other) };
      } finally {
        await peer.close();
      }
    } finally {
      await ours.close();
    }
  },
};

// A timer is early or late by about as much, so that less is none, and a ratio of it would mean nothing.
const LEAST_MS = 0.1;

function overrun(times: readonly number[]): number {
  return Math.max(LEAST_MS, median(times));
}

/** The same of all but the slowest calls of a hundred; ours alone. */
export const killP99: FigureRow = {
  name: 'worker/kill_p99',
  unit: 'ms',
  must: null,
  mustMax: 5,
  async figures() {
    const ours = await ourSpinner(SHORT_LIMIT_MS);
    try {
      const [our = [], limit = []] = await overruns([ours, TIMER], SHORT_LIMIT_MS, MANY_ROUNDS);
      return { ours: percentile(our, 99), limit: percentile(limit, 99) };
    } finally {
      await ours.close();
    }
  },
};

interface Side extends Pick<Spinner, 'free'> {
  rejected(ms: number): Promise<void>;
}

const TIMER: Side = {
  async rejected(ms) {
    const until = performance.now() + ms;
    // A timer may fire a part of a millisecond early, a limit may not.
    for (let left = ms; left > 0; left = until - performance.now()) await setTimeout(Math.ceil(left));
  },
  free: async () => undefined,
};

// Milliseconds past the limit, by turns.
async function overruns(sides: readonly Side[], limitMs: number, rounds: number): Promise<number[][]> {
  const times: number[][] = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) {
      await side.free();
      const started = performance.now();
      await side.rejected(limitMs);
      times[index]?.push(performance.now() - started - limitMs);
    }
  }
  return times;
}
