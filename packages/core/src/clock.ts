// Time as an injected dependency: whoever needs the time or a timer gets a Clock, so that tests can hold it still.

/** A timer that has been set; cancelling one that fired or was cancelled does nothing. */
export interface Timer {
  cancel(): void;
}

/** A source of time. Timers never keep a process alive. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, may jump. */
  now(): number;
  /** Milliseconds since an arbitrary start, with fractions; never goes back. */
  monotonic(): number;
  /** Calls `action` once after `ms` milliseconds; never for `Infinity`. */
  timer(ms: number, action: () => void): Timer;
}

// The longest delay that setTimeout keeps; it fires at once for a longer one.
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(ms: number, action: () => void): Timer {
    let handle: NodeJS.Timeout;
    const wait = (left: number): void => {
      const delay = Math.min(left, LONGEST_DELAY_MS);
      handle = setTimeout(() => (left > delay ? wait(left - delay) : action()), delay);
      handle.unref();
    };
    wait(ms);
    return { cancel: () => clearTimeout(handle) };
  },
});
