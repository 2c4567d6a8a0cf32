// What surrounds one instance of a module that uses WASI: where its lines go, what time it is, and how long it may sleep.
import { type Clock, PlugbayError } from '@plugbay/core';

/** The streams that can be captured. */
export type OutputName = 'stdout' | 'stderr';

/** What the engine does for a module's WASI. What these functions throw leaves the guest as it is, uncaught by us. */
export interface WasiHost {
  /** Takes one line of captured output, without its newline. Counting and limiting lines is up to the host. */
  line(stream: OutputName, text: string): void;
  /**
   * Blocks this thread for `ms` milliseconds, or throws the call's error when that is longer than the call may take.
   * @default {@link blockingSleep}
   */
  sleep?(ms: number): void;
  /** For `clock: 'system'`. @default the machine's own time */
  readonly clock?: Pick<Clock, 'now' | 'monotonic'>;
  /** Bytes of a captured line at most; the rest of a longer one is dropped. @default 8192 */
  readonly lineBytes?: number;
}

/** The longest sleep without a host that knows the call's deadline, in milliseconds: a thread that is stuck for longer is lost. */
export const SLEEP_MAX_MS = 30_000;

/** Blocks this thread for `ms` milliseconds. @throws PlugbayError `limit` beyond {@link SLEEP_MAX_MS}, without sleeping. */
export function blockingSleep(ms: number): void {
  if (ms > SLEEP_MAX_MS) {
    throw new PlugbayError('limit', `the module wants to sleep longer than ${SLEEP_MAX_MS} ms`);
  }
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
