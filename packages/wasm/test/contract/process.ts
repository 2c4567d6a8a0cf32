// A process with a worker runtime that it does not close: says what it did, and ends by itself, or does not. For tests.
import { contentAddress } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { createWorkerRuntime } from '@plugbay/wasm';
import { doorTo } from '../open.ts';
import { asking, TALKER } from './talker.ts';

const [, , what] = process.argv;
const bytes = await wat(TALKER);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

// Its timers alone keep no process alive.
const later = asking(async (_context: unknown, block: bigint) => {
  await new Promise((resolve) => setTimeout(resolve, 300).unref());
  return block;
});

const plugin = await createWorkerRuntime({ threads: 2 }).open(
  { name: 'sample', digest: contentAddress(bytes), bytes },
  { tenant: 'acme', door: doorTo({}), functions: later },
);
say((await plugin.call('echo', 'idle')).text());
if (what === 'waiting') {
  const calls = ['one', 'two'].map((text) => plugin.call('ask', text));
  for (const call of calls) void call.then((output) => say(output.text()));
}
if (what === 'spinning') void plugin.call('spin', '', { timeoutMs: 200 }).catch(({ code }) => say(code));
