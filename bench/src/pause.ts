// Between two sides of a row.

// 50 ms: what a side has left behind, V8 frees on other threads, and threads that it ended need a processor to end.
const PAUSE_MS = 50;

/** Waits until what was measured before is likely to be gone. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
