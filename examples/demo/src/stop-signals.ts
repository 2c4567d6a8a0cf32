// When to stop: at the first SIGINT or SIGTERM, in order; at the second one, at once.

// A signal to a whole process group comes twice, directly and from the script that started the demo.
const SAME_SIGNAL_MS = 500;

/** Resolves at the first signal. A second one ends the process with exit code 1. */
export function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let first: number | undefined;
  const listener = (): void => {
    const now = performance.now();
    if (first === undefined) {
      first = now;
      console.log('Stopping; once more to stop at once.');
      resolve();
    } else if (now - first > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return promise;
}
