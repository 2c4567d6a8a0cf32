// The worker engine, for the tests of the contract: plugins of one file share two threads, as tenants do.
import { contentAddress, type ModuleSource } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { createWorkerRuntime } from '@plugbay/wasm';
import { afterAll } from 'vitest';
import { doorTo } from '../open.ts';
import type { ContractEngine } from './engine.ts';

/** An engine for the tests of one file, which ends after them. */
export function workerEngine(): ContractEngine {
  const runtime = createWorkerRuntime({ threads: 2 });
  afterAll(() => runtime.close());
  const openBytes: ContractEngine['openBytes'] = async (bytes, options = {}, links = {}) => {
    const linked: ModuleSource[] = [];
    for (const [name, source] of Object.entries(links)) linked.push({ name, bytes: await wat(source) });
    return runtime.open(
      { name: 'sample', digest: contentAddress(bytes), bytes, links: linked },
      { tenant: 'acme', door: doorTo({}), ...options },
    );
  };
  return {
    facts: { stopsUnmetered: true, waitsWhileStarting: true, loggerFailsCalls: false },
    openWat: async (source, options) => openBytes(await wat(source), options),
    openBytes,
  };
}
