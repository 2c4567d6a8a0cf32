// What a host's own event loop notices of the plugins that mean harm on its threads.
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { contentAddress, type Logger, type LogMethod, PlugbayError } from '@plugbay/core';
import { HOSTILE_PLUGINS } from '@plugbay/testing';
import { createWorkerRuntime, type ThreadedPlugin, type WorkerRuntime } from '@plugbay/wasm';
import type { FigureRow } from '../../row.ts';
import { NO_DOOR } from '../extism/door.ts';

const ROUNDS = 3;
// What each may do harm for, when nothing else ends it.
const TIMEOUT_MS = 15;
const AT_ONCE = 8;
const RESOLUTION_MS = 1;
const NS_PER_MS = 1_000_000;

/** The event loop's delay, 99th percentile: while all of them run, one after the other and eight at once, and while nothing runs. */
export const loopDelayP99: FigureRow = {
  name: 'worker/loop_delay_p99',
  unit: 'ms',
  must: null,
  mustOver: 5,
  async figures() {
    const runtime = createWorkerRuntime();
    try {
      const plugins = await openAll(runtime);
      const [ours, idle] = [monitorEventLoopDelay(MONITOR), monitorEventLoopDelay(MONITOR)];
      for (let round = 0; round < ROUNDS; round++) {
        for (const atOnce of [1, AT_ONCE]) {
          const started = performance.now();
          await watched(ours, () => runAll(plugins, atOnce));
          const elapsed = performance.now() - started;
          await watched(idle, () => setTimeout(elapsed));
        }
      }
      return { ours: ours.percentile(99) / NS_PER_MS, limit: idle.percentile(99) / NS_PER_MS };
    } finally {
      await runtime.close();
    }
  },
};

const MONITOR = { resolution: RESOLUTION_MS };

const nothing: LogMethod = () => undefined;
// Takes every line, and does nothing with it: a flood comes as far as to the app.
const LOGGER: Logger = {
  level: 'trace',
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

async function openAll(runtime: WorkerRuntime): Promise<ThreadedPlugin[]> {
  const plugins: ThreadedPlugin[] = [];
  for (const { name, bytes } of HOSTILE_PLUGINS) {
    const module = await bytes();
    const source = { name, digest: contentAddress(module), bytes: module };
    plugins.push(await runtime.open(source, { tenant: name, door: NO_DOOR, logger: LOGGER }));
  }
  return plugins;
}

async function watched(monitor: IntervalHistogram, work: () => Promise<void>): Promise<void> {
  monitor.enable();
  try {
    await work();
  } finally {
    monitor.disable();
  }
}

async function runAll(plugins: readonly ThreadedPlugin[], atOnce: number): Promise<void> {
  const left = [...plugins];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let plugin = left.shift(); plugin !== undefined; plugin = left.shift()) await doHarm(plugin);
    }),
  );
}

// Each has to end, and none of them well.
async function doHarm(plugin: ThreadedPlugin): Promise<void> {
  const error = await plugin.call('run', '', { timeoutMs: TIMEOUT_MS }).then(
    () => new Error(`a plugin that ${plugin.info.name} has done no harm`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PlugbayError) || error.code === 'internal') throw error;
}
