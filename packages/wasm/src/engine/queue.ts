// Calls that wait for their turn: fair between keys, none of them for ever.
import { type Clock, PlugbayError } from '@plugbay/core';
import { FairQueue } from './fair-queue.ts';
import { Watchdog } from './watchdog.ts';

/** A turn that has not come yet. */
export interface Turn<T> {
  /** What is handed out; rejects when the turn does not come, with why. */
  readonly value: Promise<T>;
  /** Gives the turn up. */
  leave(error: unknown): void;
}

/** A queue for something that is handed out one by one. */
export class Queue<T> {
  readonly #waiters = new FairQueue<Waiter<T>>();
  readonly #clock: Clock;
  readonly #late: Watchdog<Waiter<T>>;
  readonly #capacity: number;
  readonly #capacityOfKey: number;
  readonly #waitMs: number;

  /** For `capacity` waiters, of one key `capacityOfKey`, each of which waits `waitMs` milliseconds at most. */
  constructor(clock: Clock, capacity: number, capacityOfKey: number, waitMs: number) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#capacityOfKey = capacityOfKey;
    this.#waitMs = waitMs;
    this.#late = new Watchdog<Waiter<T>>(clock, (waiter) => waiter.leave(tooLate(waitMs)));
  }

  get length(): number {
    return this.#waiters.length;
  }

  /** A turn of `key`, whose value rejects with PlugbayError `timeout`, or what refused it. @throws PlugbayError `limit`: it is full. */
  wait(key: string): Turn<T> {
    if (this.#waiters.length >= this.#capacity) throw full(this.#capacity, 'waiting');
    if (this.#waiters.count(key) >= this.#capacityOfKey) throw full(this.#capacityOfKey, 'waitingOfKey');
    const waiter: Waiter<T> = new Waiter<T>(this.#clock.monotonic() + this.#waitMs, () => {
      this.#late.release(waiter);
      // False when its turn has come already.
      return this.#waiters.remove(entry);
    });
    const entry = this.#waiters.push(key, waiter);
    this.#late.watch(waiter);
    return waiter;
  }

  /** Hands `value` to whoever is next; there must be somebody. */
  serve(value: T): void {
    this.#next().resolve(value);
  }

  /** Turns away whoever is next; there must be somebody. */
  refuse(error: unknown): void {
    this.#next().reject(error);
  }

  /** Turns everybody away. */
  close(error: () => PlugbayError): void {
    while (this.#waiters.length > 0) this.refuse(error());
    this.#late.close();
  }

  #next(): Waiter<T> {
    const waiter = this.#waiters.shift() as Waiter<T>;
    this.#late.release(waiter);
    return waiter;
  }
}

class Waiter<T> implements Turn<T> {
  place = -1;
  readonly dueAt: number;
  readonly value: Promise<T>;
  resolve: (value: T) => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;
  readonly #remove: () => boolean;

  constructor(dueAt: number, remove: () => boolean) {
    this.dueAt = dueAt;
    this.#remove = remove;
    this.value = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  leave(error: unknown): void {
    if (this.#remove()) this.reject(error);
  }
}

function full(capacity: number, option: 'waiting' | 'waitingOfKey'): PlugbayError {
  const who = option === 'waiting' ? 'calls' : 'calls of one fairness key';
  return new PlugbayError('limit', `${capacity} ${who} wait already`, {
    hint: `Call less at the same time, or raise pool.${option} or pool.instances.`,
  });
}

function tooLate(waitMs: number): PlugbayError {
  return new PlugbayError('timeout', `no instance was free within ${waitMs} ms`, {
    hint: 'Call less at the same time; a stateless plugin may have more instances (pool.instances).',
  });
}
