// Measures a row: its contenders take turns, so that whatever else the machine does meets all of them; medians of the rounds.
import { median } from './median.ts';
import type { Contender, Figures, Result, Row, TimedRow } from './row.ts';
import { summarise } from './summarise.ts';

const SIDES = ['ours', 'limit', 'peer', 'peer1'] as const;
const ROUNDS = 7;
// 0.3 s a turn: long against the clock and the scheduler, short enough that turns of one round see the same machine.
const TURN_MS = 300;
// 1 s before the first round, for the compilers to settle.
const WARM_UP_MS = 1_000;

/** Measures `row`. */
export async function measure(row: Row): Promise<Result> {
  return summarise(row, await ('figures' in row ? row.figures() : timed(row)));
}

interface Turn {
  readonly side: (typeof SIDES)[number];
  readonly contender: Contender;
  /** Milliseconds per run, a round each. */
  readonly times: number[];
}

async function timed(row: TimedRow): Promise<Figures> {
  const turns: Turn[] = [];
  try {
    for (const side of SIDES) {
      const contender = await row[side]?.();
      if (contender !== undefined) turns.push({ side, contender, times: [] });
    }
    await take(turns);
    const figure = (side: Turn['side']): number | undefined => {
      const times = turns.find((turn) => turn.side === side)?.times;
      if (times === undefined) return undefined;
      return row.unit === 'us' ? median(times) * 1_000 : 1_000 / median(times);
    };
    const [ours = Number.NaN, limit = Number.NaN] = [figure('ours'), figure('limit')];
    return { ours, limit, peer: figure('peer'), peer1: figure('peer1') };
  } finally {
    for (const { contender } of turns) await contender.close?.();
  }
}

async function take(turns: readonly Turn[]): Promise<void> {
  const runs: number[] = [];
  for (const { contender } of turns) runs.push(await calibrate(contender));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { contender, times }] of turns.entries()) {
      const count = runs[index] ?? 1;
      times.push((await time(contender, count)) / count);
    }
  }
}

// How many runs fill a turn.
async function calibrate(contender: Contender): Promise<number> {
  let runs = 1;
  const until = performance.now() + WARM_UP_MS;
  let milliseconds = 0;
  while (performance.now() < until) {
    milliseconds = await time(contender, runs);
    if (milliseconds < TURN_MS / 4) runs *= 2;
  }
  return Math.max(1, Math.round((runs * TURN_MS) / milliseconds));
}

// Milliseconds that `runs` take together, without what is made ready before each.
async function time(contender: Contender, runs: number): Promise<number> {
  if (contender.prepare === undefined) {
    const started = performance.now();
    await contender.run(runs);
    return performance.now() - started;
  }
  let milliseconds = 0;
  for (let run = 0; run < runs; run++) {
    contender.prepare();
    const started = performance.now();
    await contender.run(1);
    milliseconds += performance.now() - started;
  }
  return milliseconds;
}
