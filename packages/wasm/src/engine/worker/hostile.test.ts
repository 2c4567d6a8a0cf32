// Plugins that mean harm, on a thread that they share with others: each ends as it must, and nobody but itself notices.
import type { Plugin, PluginOutput } from '@plugbay/core';
import { HOSTILE_MODULES, HOSTILE_PLUGINS, type HostileEnd, type HostilePlugin } from '@plugbay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COUNTER, HOSTILE_CODES, HOSTILE_LIMITS, hostileOptions } from '../../../test/contract/hostile.ts';
import { newEngine } from '../../../test/contract/worker.ts';
import { failureOf } from '../../../test/open.ts';

// `npm run soak` has a thousand.
const ROUNDS = Number(process.env.PLUGBAY_HOSTILE_ROUNDS ?? 20);
// At the same time, each in an instance of its own.
const AT_ONCE = 5;
const STARTS = 2;
const TIME_MS = 20;
const PATIENCE = 60_000 + 100 * ROUNDS;

const tested = newEngine({ threads: 1, maxThreads: 1 });
const { engine, open } = tested;
let neighbour: Plugin;
let counted = 0;

beforeAll(async () => {
  neighbour = await open(COUNTER, { tenant: 'umbrella' });
});

afterAll(async () => {
  await neighbour.close();
  await tested.runtime.close();
});

// It has its answers and its memory all the while.
async function askNeighbour(): Promise<void> {
  const expected = (counted + 1) % 256;
  const { bytes, stateLost } = await neighbour.call('count');
  [counted = 0] = bytes;
  expect([counted, stateLost]).toEqual([expected, false]);
}

function codeOf(ends: HostileEnd): string {
  return ends === 'never' ? 'timeout' : HOSTILE_CODES[ends];
}

async function outcomeOf(call: Promise<PluginOutput>): Promise<string> {
  return call.then(
    (output) => `answered ${output.text()}`,
    ({ code, plugin, tenant, phase }) => `${code} of ${plugin} of ${tenant} in ${phase}`,
  );
}

async function harm(plugin: Plugin, hostile: HostilePlugin, rounds: number): Promise<void> {
  const options = hostile.ends === 'never' ? { timeoutMs: TIME_MS } : {};
  const wanted = `${codeOf(hostile.ends)} of sample of acme in call`;
  for (let round = 0; round < rounds; round += AT_ONCE) {
    const calls = Array.from({ length: AT_ONCE }, () => outcomeOf(plugin.call('run', '', options)));
    const answers = askNeighbour();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: AT_ONCE }, () => wanted));
    await answers;
    expect(await outcomeOf(plugin.call('echo', 'still there'))).toBe('answered still there');
  }
}

describe.each(['extism', 'wapc', 'apiqube'])('a hostile %s plugin', (abi) => {
  const pool = { stateless: true, instances: AT_ONCE };

  for (const hostile of HOSTILE_PLUGINS.filter((each) => each.abi === abi)) {
    const { name, bytes, waiting, starting, endsStarting } = hostile;

    it(
      `that ${name} ends, and the next call works`,
      async () => {
        const { threads } = engine;
        const plugin = await open(await bytes(), { ...hostileOptions(hostile), pool });
        await harm(plugin, hostile, ROUNDS);
        await plugin.close();
        const later = await open(await waiting(), { ...hostileOptions(hostile), pool });
        await harm(later, hostile, AT_ONCE);
        await later.close();
        expect(engine.threads).toEqual(threads);
        expect(threads[0]?.residents).toBe(1);
      },
      PATIENCE,
    );

    it(`that ${name} while it starts ends`, async () => {
      const { threads } = engine;
      for (const how of ['start', '_initialize'] as const) {
        const module = await starting(how);
        const ends = endsStarting[how];
        const limits = ends === 'never' ? { ...HOSTILE_LIMITS, callMs: TIME_MS } : HOSTILE_LIMITS;
        for (let start = 0; start < STARTS; start++) {
          const opened = open(module, { ...hostileOptions(hostile), limits });
          if (ends === 'well') {
            await using plugin = await opened;
            expect(await outcomeOf(plugin.call('echo', 'there'))).toBe('answered there');
          } else {
            const error = await failureOf(() => opened);
            expect([error.code, error.phase, error.tenant]).toEqual([codeOf(ends), 'open', 'acme']);
          }
        }
      }
      await askNeighbour();
      expect(engine.threads).toEqual(threads);
      expect(threads[0]?.residents).toBe(1);
    });
  }
});

describe('a hostile module', () => {
  for (const { name, code, message, bytes } of HOSTILE_MODULES) {
    it(`with ${name} is refused, metered or not`, async () => {
      const module = await bytes();
      for (const metered of [false, true]) {
        const error = await failureOf(() => open(module, { metered }));
        expect([error.code, error.phase]).toEqual([code, 'open']);
        expect(error.message).toMatch(message);
      }
      await askNeighbour();
    });
  }
});
