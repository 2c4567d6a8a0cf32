// A queue that is fair between keys: each has its turn, however many of another one wait.

/**
 * One that waits. Linked, and unlinked when it leaves: what a Set or a Map once held hangs together in V8 until all of memory is
 * collected, and calls come and go by the hundred thousand. A class, as all that a call is made of: V8 may come to think that what a
 * literal makes lives long, and then everything that it refers to does until then as well.
 */
export class Entry<T> {
  readonly key: string;
  readonly item: T;
  before: Entry<T> | undefined;
  behind: Entry<T> | undefined = undefined;
  waits = true;

  constructor(key: string, item: T, before: Entry<T> | undefined) {
    this.key = key;
    this.item = item;
    this.before = before;
  }
}

/** The entries of one key, first in, first out. */
interface Line<T> {
  readonly key: string;
  first: Entry<T> | undefined;
  last: Entry<T> | undefined;
  length: number;
}

/** What waits, by key. */
export class FairQueue<T> {
  readonly #lines = new Map<string, Line<T>>();
  // Those that are not empty, the one whose turn is next first.
  readonly #turns: Line<T>[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** How many of this key wait. */
  count(key: string): number {
    return this.#lines.get(key)?.length ?? 0;
  }

  push(key: string, item: T): Entry<T> {
    const line = this.#lineOf(key);
    const entry = new Entry(key, item, line.last);
    if (line.last === undefined) {
      line.first = entry;
      this.#turns.push(line);
    } else line.last.behind = entry;
    line.last = entry;
    line.length += 1;
    this.#length += 1;
    return entry;
  }

  /** Takes what is next; undefined when nothing waits. */
  shift(): T | undefined {
    const [line] = this.#turns;
    const entry = line?.first;
    if (line === undefined || entry === undefined) return undefined;
    this.#unlink(line, entry);
    if (line.length > 0 && this.#turns.length > 1) {
      // Behind the others, for its next turn.
      this.#turns.shift();
      this.#turns.push(line);
    }
    return entry.item;
  }

  /** Takes one out of its turn; false when it does not wait any more. */
  remove(entry: Entry<T>): boolean {
    const line = this.#lines.get(entry.key);
    if (!entry.waits || line === undefined) return false;
    this.#unlink(line, entry);
    return true;
  }

  #lineOf(key: string): Line<T> {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line: Line<T> = { key, first: undefined, last: undefined, length: 0 };
    this.#lines.set(key, line);
    return line;
  }

  #unlink(line: Line<T>, entry: Entry<T>): void {
    const { before, behind } = entry;
    if (before === undefined) line.first = behind;
    else before.behind = behind;
    if (behind === undefined) line.last = before;
    else behind.before = before;
    entry.before = undefined;
    entry.behind = undefined;
    entry.waits = false;
    line.length -= 1;
    this.#length -= 1;
    if (line.length > 0) return;
    this.#turns.splice(this.#turns.indexOf(line), 1);
    // Keys come from outside, one for each guest of the app.
    if (this.#lines.size > KEPT_KEYS) this.#lines.delete(line.key);
  }
}

// A key that comes back soon costs nothing; more of them are forgotten when nothing of theirs waits.
const KEPT_KEYS = 64;
