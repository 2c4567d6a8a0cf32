// Many plugins that stay open in one process: what each costs, and how many there can be. Each side has processes of its own.
import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { guest } from '../../guests.ts';
import { median } from '../../median.ts';
import type { FigureRow } from '../../row.ts';
import { COUNT_VOWELS } from './count-vowels.ts';
import type { ResidentsOrder, ResidentsReport, SideName } from './residents-process.ts';

// Enough that what a process allocates once or in large steps does not show in the mean.
const RESIDENTS = 1_000;
const ROUNDS = 3;
// With the first 1,000 somewhat more than promised. The later ones take a millisecond each, which is why it is not more.
const AS_MANY_AS_FIT = 8_000;

/** Resident memory of a plugin that is open and has answered one call. */
export const rss1000: FigureRow = {
  name: 'extism/rss1000/inline',
  unit: 'KB',
  must: 1,
  async figures() {
    const reports = { ours: [], peer: [], peer1: [], bare: [] } as Record<SideName, number[]>;
    for (let round = 0; round < ROUNDS; round++) {
      for (const side of SIDES) reports[side].push((await measured(side, RESIDENTS)).bytesEach / 1_000);
    }
    const { ours, peer, peer1, bare } = reports;
    return { ours: median(ours), peer: median(peer), peer1: median(peer1), limit: median(bare) };
  },
};

/** How many open plugins one process can hold; nobody is asked for more than 9,000. */
export const residents: FigureRow = {
  name: 'extism/residents/inline',
  unit: 'count',
  must: null,
  mustMin: 8_000,
  async figures() {
    const fit = async (side: SideName): Promise<number> => (await measured(side, AS_MANY_AS_FIT)).residents;
    return { ours: await fit('ours'), peer: await fit('peer'), limit: await fit('bare') };
  },
};

const SIDES = ['ours', 'peer', 'peer1', 'bare'] as const;

// Sources run as they are too.
const PROCESS = fileURLToPath(new URL(`residents-process${extname(import.meta.filename)}`, import.meta.url));

async function measured(side: SideName, more: number): Promise<ResidentsReport> {
  const [plugin, environment] = [await guest(COUNT_VOWELS.guest), await guest('bare_env')];
  const order: ResidentsOrder = { side, more, guest: base64(plugin), environment: base64(environment) };
  const running = promisify(execFile)(process.execPath, [...process.execArgv, '--expose-gc', PROCESS]);
  running.child.stdin?.end(JSON.stringify(order));
  return JSON.parse((await running).stdout) as ResidentsReport;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
