// A worker engine for tests: plugins from WebAssembly text or bytes, and a look at its threads.
import { contentAddress, type OpenOptions, systemClock } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { onTestFinished } from 'vitest';
import { type ThreadSettings, WorkerEngine } from '../../src/engine/worker/engine.ts';
import { runtimeOn, type ThreadedPlugin, type WorkerRuntime } from '../../src/engine/worker/runtime.ts';
import { doorTo } from '../open.ts';

/** An engine, and what opens plugins on it. */
export interface TestedEngine {
  readonly engine: WorkerEngine;
  readonly runtime: WorkerRuntime;
  /** Opens plugin `sample` of tenant `acme`, from WebAssembly text or bytes. */
  open(source: string | Uint8Array, options?: Partial<OpenOptions>): Promise<ThreadedPlugin>;
}

/** An engine for one test, which ends with it. @default one thread */
export function testedEngine(settings: ThreadSettings = { threads: 1, maxThreads: 1 }): TestedEngine {
  const tested = newEngine(settings);
  onTestFinished(() => tested.runtime.close());
  return tested;
}

/** An engine that whoever asks for it closes. */
export function newEngine(settings: ThreadSettings): TestedEngine {
  const engine = new WorkerEngine(settings, systemClock);
  const runtime = runtimeOn(engine);
  const open: TestedEngine['open'] = async (source, options = {}) => {
    const bytes = typeof source === 'string' ? await bytesOf(source) : source;
    return runtime.open(
      { name: 'sample', digest: contentAddress(bytes), bytes },
      { tenant: 'acme', door: doorTo({}), ...options },
    );
  };
  return { engine, runtime, open };
}

// Many tests open one text again and again.
const built = new Map<string, Promise<Uint8Array>>();

function bytesOf(source: string): Promise<Uint8Array> {
  const bytes = built.get(source) ?? wat(source);
  built.set(source, bytes);
  return bytes;
}
