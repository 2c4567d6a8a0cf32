// Measures a row: its contenders take turns, so that whatever else the machine does meets all of them; medians of the rounds.
import type { Contender, Result, Row } from './row.ts';
import { summarise } from './summarise.ts';

const ROUNDS = 7;
// 0.3 s a turn: long against the clock and the scheduler, short enough that turns of one round see the same machine.
const TURN_MS = 300;
// 1 s before the first round, for the compilers to settle.
const WARM_UP_MS = 1_000;

/** Measures `row`. */
export async function measure(row: Row): Promise<Result> {
  const contenders: Contender[] = [];
  try {
    for (const open of [row.ours, row.limit, row.peer]) {
      if (open !== undefined) contenders.push(await open());
    }
    const runs: number[] = [];
    for (const contender of contenders) runs.push(await calibrate(contender));
    const times = contenders.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, contender] of contenders.entries()) {
        times[index]?.push(await time(contender, runs[index] ?? 1));
      }
    }
    const [ours = Number.NaN, limit = Number.NaN, peer] = times.map(median);
    return summarise(row, { ours, limit, peer });
  } finally {
    for (const contender of contenders) await contender.close?.();
  }
}

// How many runs fill a turn.
async function calibrate(contender: Contender): Promise<number> {
  let runs = 1;
  const until = performance.now() + WARM_UP_MS;
  let milliseconds = 0;
  while (performance.now() < until) {
    milliseconds = (await time(contender, runs)) * runs;
    if (milliseconds < TURN_MS / 4) runs *= 2;
  }
  return Math.max(1, Math.round((runs * TURN_MS) / milliseconds));
}

// Milliseconds per run.
async function time(contender: Contender, runs: number): Promise<number> {
  const started = performance.now();
  await contender.run(runs);
  return (performance.now() - started) / runs;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
