// Whether calls become slower the more there were.
import { median } from '../../../median.ts';
import type { FigureRow } from '../../../row.ts';
import { COUNT_VOWELS } from '../count-vowels.ts';
import type { Opened } from '../work.ts';
import { ourThreads } from './ours.ts';

const BATCH = 100;
const BATCHES = 1_000;
const TENTH = BATCHES / 10;
// Calls of another plugin before, for the compilers to settle: they would make the first tenth slower than it is.
const WARM_UP_BATCHES = 200;

/** How many times as long the last tenth of 100,000 calls of one plugin takes as the first. Nobody resets anything. */
export const sustained: FigureRow = {
  name: 'extism/count_vowels/worker_sustained',
  unit: 'x',
  must: null,
  mustMax: 1.1,
  async figures() {
    const threads = await ourThreads(COUNT_VOWELS);
    try {
      const other = await threads.open();
      await batches(other, WARM_UP_BATCHES);
      await other.close();
      const times = await batches(await threads.open(), BATCHES);
      return { ours: median(times.slice(-TENTH)) / median(times.slice(0, TENTH)), limit: 1 };
    } finally {
      await threads.close();
    }
  },
};

// Milliseconds that each takes.
async function batches({ call }: Opened, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let batch = 0; batch < count; batch++) {
    const started = performance.now();
    for (let i = 0; i < BATCH; i++) await call();
    times.push(performance.now() - started);
  }
  return times;
}
