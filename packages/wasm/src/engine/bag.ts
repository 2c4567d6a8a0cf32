// A collection without an order, for what comes and goes often: see Entry of fair-queue.ts for why it is no Set.

/** What can be in a bag, one at a time: it remembers where. */
export interface Bagged {
  /** -1 while it is in none. */
  place: number;
}

/** A bag. */
export class Bag<T extends Bagged> implements Iterable<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** Adds it, unless it is in already. */
  add(item: T): void {
    if (item.place >= 0) return;
    item.place = this.#items.length;
    this.#items.push(item);
  }

  /** Takes it out, if it is in. */
  delete(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.#items.pop() as T;
    if (last === item) return;
    this.#items[place] = last;
    last.place = place;
  }

  clear(): void {
    for (const item of this.#items.splice(0)) item.place = -1;
  }

  /** Those that are in now; it may be changed meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items.slice()[Symbol.iterator]();
  }
}
