// A clock that stands still until a test moves it.
import type { Clock, Timer } from '@plugbay/core';

/** Where a {@link FakeClock} starts when nothing else was said: 2026-01-01T00:00:00Z in epoch milliseconds. */
export const FAKE_CLOCK_START: number = Date.UTC(2026, 0, 1);

interface Waiting {
  readonly due: number;
  readonly action: () => void;
}

/** Time for tests: it passes only in {@link FakeClock.advance}, and timers fire there, in order, before it returns. */
export class FakeClock implements Clock {
  readonly #start: number;
  readonly #waiting = new Set<Waiting>();
  #elapsed = 0;

  /** `start` in epoch milliseconds. */
  constructor(start: number = FAKE_CLOCK_START) {
    this.#start = start;
  }

  /** Timers that are set and neither fired nor cancelled: what a test of cleaning up wants to be 0. */
  get pendingTimers(): number {
    return this.#waiting.size;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  timer(ms: number, action: () => void): Timer {
    // Never 0, as with the system's clock: a timer that sets itself again would keep advance() for ever.
    const waiting = { due: this.#elapsed + Math.max(1, ms), action };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  /**
   * Lets `ms` milliseconds pass and fires every timer that gets due, also those that are set on the way: by due time, then in the
   * order they were set. Each sees the time it was due at. What a timer throws comes out here, with the time standing at that timer.
   */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#waiting.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.due);
      next.action();
    }
    this.#elapsed = Math.max(this.#elapsed, end);
  }

  #next(end: number): Waiting | undefined {
    let next: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.due <= end && (next === undefined || waiting.due < next.due)) next = waiting;
    }
    return next;
  }
}
