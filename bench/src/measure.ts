// Measures a row: its contenders take turns, so that whatever else the machine does meets all of them; medians of the rounds.
import { median } from './median.ts';
import { pause } from './pause.ts';
import type { Contender, Figures, Result, Row, TimedRow } from './row.ts';
import { summarise } from './summarise.ts';
import { within } from './within.ts';

const SIDES = ['ours', 'limit', 'peer', 'peer1'] as const;
const ROUNDS = 7;
// 0.2 s a turn: long against the clock and the scheduler, short enough that turns of one round see the same machine.
const TURN_MS = 200;
// 1 s before the first round, for the compilers to settle.
const WARM_UP_MS = 1_000;

// Three minutes: three times what the longest row takes, which fills processes with plugins.
const ROW_MS = 180_000;
// Ten seconds to close a side: the longest time limit that a call has.
const CLOSE_MS = 10_000;

/** Measures `row`. @throws Error for a row that is not done after three minutes. */
export async function measure(row: Row): Promise<Result> {
  const figures = 'figures' in row ? within(ROW_MS, row.name, row.figures()) : timed(row);
  return summarise(row, await figures);
}

interface Turn {
  readonly side: (typeof SIDES)[number];
  readonly contender: Contender;
  /** Milliseconds per run, a round each. */
  readonly times: number[];
}

async function timed(row: TimedRow): Promise<Figures> {
  const turns: Turn[] = [];
  const errors: unknown[] = [];
  const attempt = async (ms: number, what: string, work: () => Promise<void> | undefined): Promise<void> => {
    try {
      await within(ms, what, work() ?? Promise.resolve());
    } catch (error) {
      errors.push(error);
    }
  };
  await attempt(ROW_MS, row.name, () => open(row, turns).then(() => take(turns)));
  for (const { side, contender } of turns)
    await attempt(CLOSE_MS, `closing ${side} of ${row.name}`, () => contender.close?.());
  if (errors.length > 1) throw new AggregateError(errors, `${row.name} failed`);
  if (errors.length > 0) throw errors[0];
  return figures(row, turns);
}

// One by one into `turns`, so that those are known that have to be closed.
async function open(row: TimedRow, turns: Turn[]): Promise<void> {
  for (const side of SIDES) {
    const contender = await row[side]?.();
    if (contender !== undefined) turns.push({ side, contender, times: [] });
  }
}

function figures({ unit }: TimedRow, turns: readonly Turn[]): Figures {
  const figure = (side: Turn['side']): number | undefined => {
    const times = turns.find((turn) => turn.side === side)?.times;
    if (times === undefined) return undefined;
    return unit === 'us' ? median(times) * 1_000 : 1_000 / median(times);
  };
  const [ours = Number.NaN, limit = Number.NaN] = [figure('ours'), figure('limit')];
  return { ours, limit, peer: figure('peer'), peer1: figure('peer1') };
}

async function take(turns: readonly Turn[]): Promise<void> {
  const runs: number[] = [];
  for (const { contender } of turns) runs.push(await calibrate(contender));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { contender, times }] of turns.entries()) {
      const count = runs[index] ?? 1;
      await pause();
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
    await contender.prepare();
    const started = performance.now();
    await contender.run(1);
    milliseconds += performance.now() - started;
  }
  return milliseconds;
}
