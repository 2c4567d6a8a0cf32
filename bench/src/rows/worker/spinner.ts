// A plugin that never ends, on our threads and on the peer's.
import createPlugin from '@extism/extism';
import { contentAddress, PlugbayError } from '@plugbay/core';
import { HOSTILE_PLUGINS } from '@plugbay/testing';
import { createWorkerRuntime } from '@plugbay/wasm';
import { NO_DOOR } from '../extism/door.ts';

/** One that is open, with a time limit on its calls. */
export interface Spinner {
  /** Waits until a call that spins was rejected. @throws Error when it ended otherwise. */
  rejected(): Promise<void>;
  /** Waits until its thread does something else again. */
  free(): Promise<void>;
  close(): Promise<void>;
}

/** Ours. */
export async function ourSpinner(timeoutMs: number): Promise<Spinner> {
  const bytes = await spinning();
  const runtime = createWorkerRuntime();
  const source = { name: 'spinner', digest: contentAddress(bytes), bytes };
  const plugin = await runtime.open(source, { tenant: 'bench', door: NO_DOOR });
  const isTimeout = (error: unknown): boolean => error instanceof PlugbayError && error.code === 'timeout';
  return {
    rejected: () => refused(plugin.call('run', '', { timeoutMs }), isTimeout),
    free: async () => void (await plugin.call('echo')),
    close: () => runtime.close(),
  };
}

/** The peer's. Its limit is for starting as well. */
export async function peerSpinner(timeoutMs: number): Promise<Spinner> {
  const module = new WebAssembly.Module(await spinning());
  const plugin = await createPlugin(module, { runInWorker: true, timeoutMs });
  const isTimeout = (error: unknown): boolean =>
    error instanceof Error && error.message.includes('due to timeout');
  return {
    rejected: () => refused(plugin.call('run'), isTimeout),
    free: async () => void (await plugin.call('echo')),
    close: () => plugin.close(),
  };
}

async function spinning(): Promise<Uint8Array<ArrayBuffer>> {
  const found = HOSTILE_PLUGINS.find(({ name }) => name === 'spins in a loop');
  if (found === undefined) throw new Error('no hostile plugin spins in a loop');
  return new Uint8Array(await found.bytes());
}

async function refused(call: Promise<unknown>, expected: (error: unknown) => boolean): Promise<void> {
  const error = await call.then(
    () => new Error('a call that spins has ended'),
    (thrown: unknown) => thrown,
  );
  if (!expected(error)) throw error;
}
