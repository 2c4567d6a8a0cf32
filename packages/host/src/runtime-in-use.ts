// The runtime that the app has, or one of our own, which we close.
import type { Runtime } from '@plugbay/core';
import { createWorkerRuntime } from '@plugbay/wasm';

/** What opens plugins, and how to let go of it. */
export interface RuntimeInUse {
  readonly runtime: Runtime;
  /** Whether it is our own: it stops any call, and ends when it is released. */
  readonly own: boolean;
  /** Closes it if it is our own. May be called again. */
  release(): Promise<void>;
}

/** The app's runtime, or threads, which start with the first plugin. */
export function runtimeInUse(given: Runtime | undefined): RuntimeInUse {
  if (given !== undefined) return { runtime: given, own: false, release: async () => undefined };
  // By the machine's time, whatever the plugins' clock is: a guest that does not stop is stopped also where a test holds time still.
  const runtime = createWorkerRuntime();
  return { runtime, own: true, release: () => runtime.close() };
}
