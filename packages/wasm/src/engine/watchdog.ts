// Deadlines of many calls with one timer, which costs a call nothing as long as it ends in time.
import type { Clock, Timer } from '@plugbay/core';
import { Bag, type Bagged } from './bag.ts';

/** What has to end in time. */
export interface Watched extends Bagged {
  /** When it is due, in monotonic milliseconds. It may be put off while it is watched, but not moved forward. */
  readonly dueAt: number;
}

/** Tells of what is due. */
export class Watchdog<T extends Watched> {
  readonly #clock: Clock;
  readonly #onDue: (item: T) => void;
  readonly #items = new Bag<T>();
  #timer: Timer | undefined;
  #armedFor: number = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, onDue: (item: T) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Watches until it is due or released. What is watched already is looked at anew. */
  watch(item: T): void {
    this.#items.add(item);
    this.#arm(item.dueAt);
  }

  release(item: T): void {
    this.#items.delete(item);
  }

  /** Lets go of its timer. Nothing is watched any more. */
  close(): void {
    this.#items.clear();
    this.#timer?.cancel();
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #arm(at: number): void {
    if (at >= this.#armedFor) return;
    this.#timer?.cancel();
    this.#armedFor = at;
    // A timer may fire a part of a millisecond early.
    const ms = Math.max(0, Math.ceil(at - this.#clock.monotonic()));
    this.#timer = this.#clock.timer(ms, () => this.#look());
  }

  #look(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    const due = [...this.#items].filter(({ dueAt }) => dueAt <= now);
    for (const item of due) {
      this.#items.delete(item);
      this.#onDue(item);
    }
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#items) next = Math.min(next, dueAt);
    this.#arm(next);
  }
}
