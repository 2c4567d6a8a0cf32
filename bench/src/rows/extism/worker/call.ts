// Calls of a resident plugin on a thread, one after the other.
import { RoundTrips } from '../../../round-trips.ts';
import type { Contender, TimedRow } from '../../../row.ts';
import { COUNT_VOWELS } from '../count-vowels.ts';
import { calling } from '../work.ts';
import { ourThreads } from './ours.ts';
import { peerResetting } from './peer.ts';

/** 11 bytes in, one look at the configuration, one variable read and written, JSON out. The peer resets before each. */
export const countVowels: TimedRow = {
  name: 'extism/count_vowels/worker',
  unit: 'us',
  must: 6,
  async ours() {
    const threads = await ourThreads(COUNT_VOWELS);
    return { ...(await calling(await threads.open(), COUNT_VOWELS)), close: threads.close };
  },
  peer: async () => calling(await peerResetting(COUNT_VOWELS), COUNT_VOWELS),
  async limit(): Promise<Contender> {
    const trips = new RoundTrips();
    return {
      async run(runs) {
        for (let i = 0; i < runs; i++) await trips.ask();
      },
      close: () => trips.close(),
    };
  },
};
