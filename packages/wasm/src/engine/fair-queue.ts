// A queue that is fair between keys: each has its turn, however many of another one wait.

/** What waits, by key; within one key first in, first out. */
export class FairQueue<T> {
  // The key whose turn is next comes first.
  readonly #keys = new Map<string, Set<T>>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** How many of this key wait. */
  count(key: string): number {
    return this.#keys.get(key)?.size ?? 0;
  }

  push(key: string, item: T): void {
    const items = this.#keys.get(key);
    this.#length += 1;
    if (items === undefined) this.#keys.set(key, new Set([item]));
    else items.add(item);
  }

  /** Takes what is next; undefined when nothing waits. */
  shift(): T | undefined {
    for (const [key, items] of this.#keys) {
      const [item] = items as Iterable<T> as [T];
      items.delete(item);
      this.#length -= 1;
      // Behind the others, for its next turn.
      this.#keys.delete(key);
      if (items.size > 0) this.#keys.set(key, items);
      return item;
    }
    return undefined;
  }

  /** Takes one out of its turn; false when it does not wait. */
  remove(key: string, item: T): boolean {
    const items = this.#keys.get(key);
    if (items === undefined || !items.delete(item)) return false;
    this.#length -= 1;
    if (items.size === 0) this.#keys.delete(key);
    return true;
  }
}
