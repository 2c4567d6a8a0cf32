// Calls that wait for their turn: fair between keys, none of them for ever.
import { type Clock, PlugbayError, type Timer } from '@plugbay/core';
import { FairQueue } from './fair-queue.ts';

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  readonly key: string;
  readonly timer: Timer;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: () => void;
}

/** A queue for something that is handed out one by one. */
export class Queue<T> {
  readonly #waiters = new FairQueue<Waiter<T>>();
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #capacityOfKey: number;
  readonly #waitMs: number;

  /** For `capacity` waiters, of one key `capacityOfKey`, each of which waits `waitMs` milliseconds at most. */
  constructor(clock: Clock, capacity: number, capacityOfKey: number, waitMs: number) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#capacityOfKey = capacityOfKey;
    this.#waitMs = waitMs;
  }

  get length(): number {
    return this.#waiters.length;
  }

  /** Waits for a turn of `key`. @throws PlugbayError `limit` (the queue is full), `timeout`, `canceled`, or what refused it. */
  wait(signal: AbortSignal | undefined, key: string): Promise<T> {
    if (signal?.aborted) return Promise.reject(canceled(signal));
    if (this.#waiters.length >= this.#capacity) return Promise.reject(full(this.#capacity, 'waiting'));
    if (this.#waiters.count(key) >= this.#capacityOfKey)
      return Promise.reject(full(this.#capacityOfKey, 'waitingOfKey'));
    return new Promise((resolve, reject) => {
      const leave = (error: PlugbayError): void => {
        this.#remove(waiter);
        reject(error);
      };
      const waiter: Waiter<T> = {
        resolve,
        reject,
        key,
        signal,
        onAbort: () => leave(canceled(signal)),
        timer: this.#clock.timer(this.#waitMs, () => leave(this.#late())),
      };
      signal?.addEventListener('abort', waiter.onAbort);
      this.#waiters.push(key, waiter);
    });
  }

  /** Hands `value` to whoever is next; there must be somebody. */
  serve(value: T): void {
    this.#first().resolve(value);
  }

  /** Turns away whoever is next; there must be somebody. */
  refuse(error: unknown): void {
    this.#first().reject(error);
  }

  /** Turns everybody away. */
  close(error: () => PlugbayError): void {
    while (this.#waiters.length > 0) this.refuse(error());
  }

  #first(): Waiter<T> {
    const waiter = this.#waiters.shift() as Waiter<T>;
    this.#release(waiter);
    return waiter;
  }

  #remove(waiter: Waiter<T>): void {
    this.#waiters.remove(waiter.key, waiter);
    this.#release(waiter);
  }

  #release(waiter: Waiter<T>): void {
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

function full(capacity: number, option: 'waiting' | 'waitingOfKey'): PlugbayError {
  const who = option === 'waiting' ? 'calls' : 'calls of one fairness key';
  return new PlugbayError('limit', `${capacity} ${who} wait already`, {
    hint: `Call less at the same time, or raise pool.${option} or pool.instances.`,
  });
}
