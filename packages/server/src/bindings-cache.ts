// Answers about bindings, ready to be sent. Each is good for one time of last change, which the database is asked for
// with every request: so there is nothing to invalidate, whoever changes the bindings.
import type { BindingSet } from './store/bindings.ts';

interface Answer {
  readonly changedAt: number;
  readonly json: string;
}

/** The answers that were asked for last, `size` of them. */
export class BindingsCache {
  readonly #size: number;
  // A map keeps the order in which its keys were set: the first is the one that was not asked for the longest.
  readonly #answers = new Map<string, Answer>();

  constructor(size: number) {
    this.#size = size;
  }

  /** The answer about a set that changed last at `changedAt`, when it is here. */
  get(set: BindingSet, changedAt: number): string | undefined {
    const answer = this.#answers.get(keyOf(set));
    return answer?.changedAt === changedAt ? answer.json : undefined;
  }

  /** Keeps an answer about a set that had changed last at `changedAt` before the answer was read. */
  put(set: BindingSet, changedAt: number, json: string): void {
    const key = keyOf(set);
    this.#answers.delete(key);
    this.#answers.set(key, { changedAt, json });
    if (this.#answers.size <= this.#size) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }
}

function keyOf({ extensionPointId, guestKey }: BindingSet): string {
  return `${extensionPointId}/${guestKey}`;
}
