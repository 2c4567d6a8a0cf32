// Turns: calls of one plugin, one after the other in the order in which they came, none of which waits for ever.
import { type Clock, PlugbayError } from '@plugbay/core';
import type { CallBounds } from './plugin.ts';

// 1,000: at a millisecond a call, the last one waits a second.
const WAITING_MAX = 1_000;

/** Hands out turns. */
export class Turns {
  readonly #clock: Clock;
  // Until whoever came last is done.
  #last: Promise<void> = Promise.resolve();
  // Those that came and are not done, the one that has its turn among them.
  #here = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Settles when everybody is done who has come so far. */
  get done(): Promise<void> {
    return this.#last;
  }

  /**
   * Runs `action` when its turn comes, with the milliseconds that are left of `timeoutMs`.
   * @throws PlugbayError `limit` (1,000 wait already), `canceled` or `timeout` (before its turn), and what `action` throws.
   */
  async take<T>(
    { signal, timeoutMs }: CallBounds,
    action: (leftMs: number | undefined) => Promise<T>,
  ): Promise<T> {
    if (signal?.aborted) throw canceled(signal);
    if (this.#here > WAITING_MAX) throw tooMany();
    const started = this.#clock.monotonic();
    const { promise: done, resolve: leave } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = before.then(() => done);
    this.#here += 1;
    try {
      if (this.#here > 1) await this.#until(before, signal, timeoutMs);
      return await action(
        timeoutMs === undefined ? undefined : leftOf(timeoutMs, this.#clock.monotonic() - started),
      );
    } finally {
      this.#here -= 1;
      leave();
    }
  }

  #until(
    before: Promise<void>,
    signal: AbortSignal | undefined,
    timeoutMs: number = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        timer.cancel();
        signal?.removeEventListener('abort', onAbort);
        end();
      };
      const onAbort = (): void => settle(() => reject(canceled(signal)));
      const timer = this.#clock.timer(timeoutMs, () => settle(() => reject(late(timeoutMs))));
      signal?.addEventListener('abort', onAbort);
      void before.then(() => settle(resolve));
    });
  }
}

/** What is left of so many milliseconds after others have passed; whole, because people read it in errors. */
export function leftOf(timeoutMs: number, passedMs: number): number {
  return Math.ceil(timeoutMs - passedMs);
}

function tooMany(): PlugbayError {
  return new PlugbayError('limit', `${WAITING_MAX} calls wait already`, {
    hint: 'Call less at the same time, or load the plugin a second time.',
  });
}

function canceled(signal: AbortSignal | undefined): PlugbayError {
  return new PlugbayError('canceled', 'the call was canceled', { cause: signal?.reason });
}

function late(timeoutMs: number): PlugbayError {
  return new PlugbayError('timeout', `the plugin was busy for ${timeoutMs} ms`);
}
