// Turns: a fixed number of pieces of work at the same time, the others wait in line, and the line has an end.
import { PlugbayError } from '@plugbay/core';

/** Lets at most `atOnce` pieces of work run at the same time, first come first served; at most `waitingMax` wait. */
export class Turns {
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number, waitingMax: number) {
    this.#free = atOnce;
    this.#waitingMax = waitingMax;
  }

  /** What `work` answers, once it had its turn. @throws PlugbayError `unavailable` when too many wait; otherwise what `work` throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#take();
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #take(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#waitingMax) {
      throw new PlugbayError('unavailable', `${this.#waiting.length} pushes wait already`, {
        hint: 'Try again in a moment.',
      });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  // The turn goes from hand to hand, so that nobody who comes later slips in between.
  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
