// Calls of a resident plugin: small, large, and with a host function.
import { randomFillSync } from 'node:crypto';
import { guest } from '../../guests.ts';
import type { Contender, TimedRow } from '../../row.ts';
import { bare } from './bare.ts';
import { COUNT_VOWELS } from './count-vowels.ts';
import { openSync, ours } from './ours.ts';
import { peer } from './peer.ts';
import { peer1 } from './peer1.ts';
import { calling, type Side, type Work } from './work.ts';

/** 11 bytes in, one look at the configuration, one variable read and written, JSON out. */
export const countVowels: TimedRow = {
  name: 'extism/count_vowels/inline',
  unit: 'us',
  must: 8,
  ...sides(COUNT_VOWELS),
};

/** 64 KiB in and out. */
export const echo64k: TimedRow = {
  name: 'extism/echo64k/inline',
  unit: 'us',
  must: 10,
  ...sides(echo(64 * 1024)),
};

/** 1 MiB in and out. */
export const echo1m: TimedRow = {
  name: 'extism/echo1m/inline',
  unit: 'us',
  must: 10,
  ...sides(echo(1024 * 1024)),
};

const PASS: Work = {
  guest: 'hostfn',
  run: 'run',
  input: new TextEncoder().encode('hello world'),
  answer: Buffer.from('hello world'),
};

/** One host function that answers with the block that it gets: what a host function costs. */
export const hostfn: TimedRow = {
  name: 'extism/hostfn/inline',
  unit: 'us',
  must: 4,
  ...sides({ ...PASS, pass: 'sync' }),
};

/** The same, answered at once by ours and the limit, and with a view of the output; the peer has no call that answers at once. */
export const hostfnSync: TimedRow = {
  ...hostfn,
  name: 'extism/hostfn_sync/inline',
  must: 15,
  async ours() {
    const work: Work = { ...PASS, pass: 'sync' };
    return calling(await openSync(await guest(work.guest), work), work, 'sync');
  },
  limit: async () => contender(bare(await guest('bare_env')), { ...PASS, pass: 'sync' }, 'sync'),
};

/** The same with a host function that returns a promise. The older release cannot wait for one in process. */
export const hostfnAsync: TimedRow = {
  name: 'extism/hostfn_async/inline',
  unit: 'us',
  must: 3,
  ...sides({ ...PASS, pass: 'async' }),
};

function echo(size: number): Work {
  const input = randomFillSync(new Uint8Array(size));
  return { guest: 'echo', run: 'echo', input, answer: input };
}

function sides(work: Work): Pick<TimedRow, 'ours' | 'peer' | 'peer1' | 'limit'> {
  return {
    ours: () => contender(ours(), work),
    peer: () => contender(peer(), work),
    ...(work.pass === 'async' ? {} : { peer1: () => contender(peer1(), work) }),
    limit: async () => contender(bare(await guest('bare_env')), work),
  };
}

async function contender(
  side: Side,
  work: Work,
  answers: 'sync' | 'awaited' = 'awaited',
): Promise<Contender> {
  const open = await side.load(await guest(work.guest), work);
  return calling(await open(), work, answers);
}
