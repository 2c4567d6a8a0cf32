// What a host's own event loop notices of the plugins that mean harm on its threads.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { contentAddress, type Logger, type LogMethod, PlugbayError } from '@plugbay/core';
import { HOSTILE_PLUGINS } from '@plugbay/testing';
import { createWorkerRuntime, type ThreadedPlugin, type WorkerRuntime } from '@plugbay/wasm';
import { median } from '../../median.ts';
import type { FigureRow } from '../../row.ts';
import { NO_DOOR } from '../extism/door.ts';

const ROUNDS = 5;
// What each may do harm for, when nothing else ends it.
const TIMEOUT_MS = 15;
// More than a usual machine has processors.
const AT_ONCE = 8;
// So that doing it at once takes as long as doing it one after the other.
const TIMES_AT_ONCE = 4;
const RESOLUTION_MS = 1;
const NS_PER_MS = 1_000_000;

/** The event loop's delay, 99th percentile: while each of them runs, alone and among eight, and for as long while none does. */
export const loopDelayP99: FigureRow = {
  name: 'worker/loop_delay_p99',
  unit: 'ms',
  must: null,
  mustOver: 5,
  async figures() {
    const runtime = createWorkerRuntime();
    try {
      const plugins = await openAll(runtime);
      const often = Array.from({ length: TIMES_AT_ONCE }, () => plugins).flat();
      const [ours, idle]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        const started = performance.now();
        ours.push(
          await delayP99(async () => {
            await runAll(plugins, 1);
            await runAll(often, AT_ONCE);
          }),
        );
        const elapsed = performance.now() - started;
        idle.push(await delayP99(() => setTimeout(elapsed)));
      }
      return { ours: median(ours), limit: median(idle) };
    } finally {
      await runtime.close();
    }
  },
};

// Takes every line and does nothing with it, so that a flood of them comes as far as to the app.
const take: LogMethod = () => undefined;
const LOGGER: Logger = { level: 'trace', trace: take, debug: take, info: take, warn: take, error: take };

async function openAll(runtime: WorkerRuntime): Promise<ThreadedPlugin[]> {
  const plugins: ThreadedPlugin[] = [];
  for (const { abi, name, wasi, bytes } of HOSTILE_PLUGINS) {
    if (abi !== 'extism') continue;
    const module = await bytes();
    const source = { name, digest: contentAddress(module), bytes: module };
    const options = { tenant: 'bench', door: NO_DOOR, logger: LOGGER, ...(wasi ? { wasi: {} } : {}) };
    plugins.push(await runtime.open(source, options));
  }
  return plugins;
}

// Milliseconds. A monitor of its own each time: one that is enabled again takes the pause for a delay.
async function delayP99(work: () => Promise<void>): Promise<number> {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  try {
    await work();
  } finally {
    monitor.disable();
  }
  return monitor.percentile(99) / NS_PER_MS;
}

async function runAll(plugins: readonly ThreadedPlugin[], atOnce: number): Promise<void> {
  const left = [...plugins];
  const runOneByOne = async (): Promise<void> => {
    for (let plugin = left.shift(); plugin !== undefined; plugin = left.shift()) await doHarm(plugin);
  };
  await Promise.all(Array.from({ length: atOnce }, runOneByOne));
}

// Each has to end, and none of them well.
async function doHarm(plugin: ThreadedPlugin): Promise<void> {
  const error = await plugin.call('run', '', { timeoutMs: TIMEOUT_MS }).then(
    () => new Error(`a plugin that ${plugin.info.name} has done no harm`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PlugbayError) || error.code === 'internal') throw error;
}
