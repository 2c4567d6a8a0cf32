// Work that must leave nothing behind, however often it is done.

import { wat } from '@plugbay/testing';
import { createInlineRuntime, type LocalPlugin } from '@plugbay/wasm';
import { doorTo, env, failureOf, openBytes, openWat } from '../open.ts';

/** A kind of work. */
export interface Work {
  /** How often it is done before anything is measured: V8 has compiled all of it then. */
  readonly warm: number;
  /** How often it is done between the two measurements. */
  readonly often: number;
  /** Gets ready; what it returns does the work so many times. */
  prepare(): Promise<(times: number) => unknown>;
}

const KILOBYTE = new Uint8Array(1024).fill(7);

const ECHO = `(module ${env('input_offset', 'input_length', 'output_set')} (memory 1)
  (func (export "echo") (call $output_set (call $input_offset) (call $input_length)))
  (func (export "trap") unreachable))`;

// Waits for app.wait, then answers with its input.
const WAITING = `(module (import "app" "wait" (func $wait)) ${env('input_offset', 'input_length', 'output_set')}
  (memory 1)
  (func (export "echo") (call $wait) (call $output_set (call $input_offset) (call $input_length))))`;

async function inTurns(times: number, act: (turn: number) => unknown): Promise<void> {
  for (let turn = 0; turn < times; turn++) await act(turn);
}

const openWaiting = (wait: () => Promise<void>): Promise<LocalPlugin> =>
  openWat(WAITING, {
    functions: { app: { wait: async () => wait() } },
    pool: { stateless: true, instances: 4 },
  });

/** The kinds of work. */
export const WORKS = {
  'a million calls': {
    // Until the buffers of outputs that wait for the collector have been at their most.
    warm: 300_000,
    often: 1_000_000,
    prepare: async () => {
      const plugin = await openWat(ECHO);
      return (times) => {
        for (let turn = 0; turn < times; turn++) plugin.callSync('echo', KILOBYTE);
      };
    },
  },
  'calls that are suspended': {
    // Until every stack that V8 keeps for a hundred suspended guests has been used to its depth.
    warm: 50_000,
    often: 100_000,
    prepare: async () => {
      const plugin = await openWaiting(async () => void (await null));
      // One signal for all of them, as a server that is shutting down has.
      const { signal } = new AbortController();
      return async (times) => {
        for (let left = times; left > 0; left -= 100)
          await Promise.all(Array.from({ length: 100 }, () => plugin.call('echo', KILOBYTE, { signal })));
      };
    },
  },
  'calls that never come back and are given up': {
    warm: 500,
    often: 3_000,
    prepare: async () => {
      const plugin = await openWaiting(() => new Promise(() => undefined));
      return (times) =>
        inTurns(times, async () => {
          const controller = new AbortController();
          const call = failureOf(() => plugin.call('echo', KILOBYTE, { signal: controller.signal }));
          await null;
          controller.abort();
          await call;
        });
    },
  },
  'calls that trap': {
    warm: 1_000,
    often: 20_000,
    prepare: async () => {
      const plugin = await openWat(ECHO);
      return (times) =>
        inTurns(times, async (turn) => {
          await failureOf(() => plugin.callSync('trap', KILOBYTE));
          // The instances' memories are freed between turns of the event loop.
          if (turn % 50 === 0) await new Promise(setImmediate);
        });
    },
  },
  'plugins that are opened and closed': {
    warm: 200,
    often: 2_000,
    prepare: async () => {
      const bytes = await wat(ECHO);
      const runtime = createInlineRuntime();
      return (times) =>
        inTurns(times, async (turn) => {
          const plugin = await runtime.open(
            { name: `plugin ${turn}`, bytes },
            { tenant: `tenant ${turn}`, door: doorTo({}) },
          );
          plugin.callSync('echo', KILOBYTE);
          await plugin.close();
          if (turn % 20 === 0) await new Promise(setImmediate);
        });
    },
  },
  'calls that cause the next one': {
    warm: 500,
    often: 20_000,
    prepare: async () => {
      // Each call's host function starts the next, which therefore is part of it as far as asynchronous code can tell.
      let left = 0;
      let done: () => void = () => undefined;
      const plugin: LocalPlugin = await openWaiting(async () => {
        if (--left <= 0) return done();
        setImmediate(() => void plugin.call('echo', KILOBYTE));
      });
      return (times) => {
        left = times;
        const { promise, resolve } = Promise.withResolvers<void>();
        done = resolve;
        void plugin.call('echo', KILOBYTE);
        return promise;
      };
    },
  },
  'calls into a linked command': {
    warm: 200,
    often: 3_000,
    prepare: async () => {
      const plugin = await openBytes(
        await wat('(module (import "side" "run" (func $run)) (func (export "run") (call $run)))'),
        { metered: true, wasi: {} },
        {
          side: `(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
            (memory (export "memory") 1)
            (func (export "_start")) (func (export "run") (i32.store (i32.const 0) (call $yield))))`,
        },
      );
      return (times) =>
        inTurns(times, async (turn) => {
          plugin.callSync('run');
          if (turn % 20 === 0) await new Promise(setImmediate);
        });
    },
  },
} as const satisfies Record<string, Work>;

/** The name of a kind of work. */
export type WorkName = keyof typeof WORKS;
