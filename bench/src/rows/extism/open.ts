// From a module to its first result: one that was opened before, and one that nobody has seen.
import { randomFillSync } from 'node:crypto';
import { guest } from '../../guests.ts';
import type { Contender, TimedRow } from '../../row.ts';
import { bare } from './bare.ts';
import { COUNT_VOWELS } from './count-vowels.ts';
import { withDebugSection } from './custom-sections.ts';
import { ours } from './ours.ts';
import { peer } from './peer.ts';
import { peer1 } from './peer1.ts';
import { check, type Opened, type Side, type Work } from './work.ts';

/** From a compiled module to the first result. */
export const instantiate: TimedRow = {
  name: 'extism/instantiate/inline',
  unit: 'us',
  must: 1.1,
  ours: () => opening(ours()),
  peer: () => opening(peer()),
  peer1: () => opening(peer1()),
  limit: async () => opening(bare(await guest('bare_env'))),
};

/** From 1.9 MB of bytes, of which 1.8 MB are custom sections, to the first result. */
export const cold: TimedRow = {
  name: 'extism/cold/inline',
  unit: 'us',
  must: 3,
  ours: () => openingCold(ours()),
  peer: () => openingCold(peer()),
  peer1: () => openingCold(peer1()),
  limit: async () => openingCold(bare(await guest('bare_env'))),
};

async function opening(side: Side): Promise<Contender> {
  const open = await side.load(await guest(COUNT_VOWELS.guest), COUNT_VOWELS);
  await finish(await open(), (opened) => check(opened, COUNT_VOWELS));
  return {
    async run(runs) {
      for (let i = 0; i < runs; i++) await finish(await open(), call);
    },
  };
}

const COLD: Work = {
  guest: 'cold',
  run: 'run',
  input: new TextEncoder().encode('hello world'),
  answer: Buffer.from('c428a607c9121fa4', 'hex'),
};
const DEBUG_BYTES = 1_800_000;
const NONCE = 'PLUGBAY-NONCE-';

async function openingCold(side: Side): Promise<Contender> {
  const module = withDebugSection(await guest(COLD.guest), DEBUG_BYTES);
  const nonce = Buffer.from(module.buffer).indexOf(NONCE);
  if (nonce < 0) throw new Error('cold.c has no nonce to write to');
  let fresh = module;
  // A copy each time, and never the same: who caches may do so by identity or by content, V8 among them.
  const prepare = (): void => {
    fresh = module.slice();
    randomFillSync(fresh, nonce, NONCE.length);
  };
  prepare();
  await finish(await side.open(fresh, COLD), (opened) => check(opened, COLD));
  return {
    prepare,
    async run() {
      await finish(await side.open(fresh, COLD), call);
    },
  };
}

async function finish(opened: Opened, use: (opened: Opened) => unknown): Promise<void> {
  await use(opened);
  await opened.close();
}

function call(opened: Opened): unknown {
  return opened.call();
}
