// Waiting for what several callers share, for as long as this caller wants it.
import { PlugbayError } from '@plugbay/core';

const ONCE = { once: true };

/**
 * What `attempt` answers; what it answers after `signal` aborted goes to `discard`.
 * @throws PlugbayError `canceled` as soon as `signal` aborts, or what `attempt` throws.
 */
export function unlessAborted<T>(
  attempt: () => Promise<T>,
  signal: AbortSignal,
  discard: (late: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = (): void =>
      reject(new PlugbayError('canceled', 'the call was canceled', { cause: signal.reason }));
    if (signal.aborted) {
      cancel();
      return;
    }
    signal.addEventListener('abort', cancel, ONCE);
    attempt()
      .then((answer) => (signal.aborted ? discard(answer) : resolve(answer)), reject)
      .finally(() => signal.removeEventListener('abort', cancel));
  });
}
