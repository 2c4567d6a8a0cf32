// The process of one side: opens plugins until there are as many as it was asked for or no more fit, and reports. It loads
// nothing but its side, because what else a heap holds may be collected meanwhile.
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { COUNT_VOWELS } from './count-vowels.ts';
import { check, type Opened, type Side } from './work.ts';

/** The side that is measured. */
export type SideName = 'ours' | 'peer' | 'peer1' | 'bare';

/** What the process reads from its standard input. */
export interface ResidentsOrder {
  readonly side: SideName;
  /** How many plugins to open beside the first 1,000. */
  readonly more: number;
  /** The plugin and the bare environment, in base64. */
  readonly guest: string;
  readonly environment: string;
}

/** What the process prints. */
export interface ResidentsReport {
  /** Plugins that were open at the end. */
  readonly residents: number;
  /** Resident memory of each. */
  readonly bytesEach: number;
}

const order = (await json(process.stdin)) as ResidentsOrder;
const SIDES: Readonly<Record<SideName, () => Promise<Side>>> = {
  ours: async () => (await import('./ours.ts')).ours(),
  peer: async () => (await import('./peer.ts')).peer(),
  peer1: async () => (await import('./peer1.ts')).peer1(),
  bare: async () => (await import('./bare.ts')).bare(decoded(order.environment)),
};
const FIRST_RESIDENTS = 1_000;
// After a collection V8 gives memory back when it is idle.
const IDLE_MS = 100;

const opened: Opened[] = [];
const side = await SIDES[order.side]();
const open = await side.load(decoded(order.guest), COUNT_VOWELS);
const add = async (): Promise<void> => {
  const plugin = await open();
  await check(plugin, COUNT_VOWELS);
  opened.push(plugin);
};
// These pay for what belongs to no single plugin: code, the heap's first growth, what is left of starting.
while (opened.length < FIRST_RESIDENTS) await add();
const before = await residentBytes();
try {
  while (opened.length < FIRST_RESIDENTS + order.more) await add();
} catch (error) {
  console.error(`${order.side}: the ${opened.length + 1}th: ${String(error)}`);
}
const bytesEach = ((await residentBytes()) - before) / (opened.length - FIRST_RESIDENTS);
console.log(JSON.stringify({ residents: opened.length, bytesEach } satisfies ResidentsReport));

async function residentBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await setTimeout(IDLE_MS);
  }
  return process.memoryUsage.rss();
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
