// Calls that wait for their turn: first in, first out, none of them for ever.
import { type Clock, PlugbayError, type Timer } from '@plugbay/core';

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: Timer;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: () => void;
}

/** A queue for something that is handed out one by one. */
export class Queue<T> {
  // In the order in which they came; a Set, so that one in the middle can leave.
  readonly #waiters = new Set<Waiter<T>>();
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #waitMs: number;

  /** For `capacity` waiters, each of which waits `waitMs` milliseconds at most. */
  constructor(clock: Clock, capacity: number, waitMs: number) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#waitMs = waitMs;
  }

  get length(): number {
    return this.#waiters.size;
  }

  /** Waits for a turn. @throws PlugbayError `limit` (the queue is full), `timeout`, `canceled`, or what refused it. */
  wait(signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) return Promise.reject(canceled(signal));
    if (this.#waiters.size >= this.#capacity) {
      return Promise.reject(
        new PlugbayError('limit', `${this.#capacity} calls wait already`, {
          hint: 'Call less at the same time, or raise pool.waiting or pool.instances.',
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const leave = (error: PlugbayError): void => {
        this.#remove(waiter);
        reject(error);
      };
      const waiter: Waiter<T> = {
        resolve,
        reject,
        signal,
        onAbort: () => leave(canceled(signal)),
        timer: this.#clock.timer(this.#waitMs, () => leave(this.#late())),
      };
      signal?.addEventListener('abort', waiter.onAbort);
      this.#waiters.add(waiter);
    });
  }

  /** Hands `value` to whoever waits longest; there must be somebody. */
  serve(value: T): void {
    this.#first().resolve(value);
  }

  /** Turns away whoever waits longest; there must be somebody. */
  refuse(error: unknown): void {
    this.#first().reject(error);
  }

  /** Turns everybody away. */
  close(error: () => PlugbayError): void {
    while (this.#waiters.size > 0) this.refuse(error());
  }

  #first(): Waiter<T> {
    const [waiter] = this.#waiters as Iterable<Waiter<T>> as [Waiter<T>];
    this.#remove(waiter);
    return waiter;
  }

  #remove(waiter: Waiter<T>): void {
    this.#waiters.delete(waiter);
    waiter.timer.cancel();
    waiter.signal?.removeEventListener('abort', waiter.onAbort);
  }

  #late(): PlugbayError {
    return new PlugbayError('timeout', `no instance was free within ${this.#waitMs} ms`, {
      hint: 'Call less at the same time; a stateless plugin may have more instances (pool.instances).',
    });
  }
}

function canceled(signal: AbortSignal | undefined): PlugbayError {
  return new PlugbayError('canceled', 'the call was canceled', { cause: signal?.reason });
}
