// A ring of slot numbers in shared memory: one side writes, the other reads.
import { RING } from './layout.ts';

/** One direction. Its writer never overtakes its reader, because there are fewer entries on the way than it has room for. */
export class Ring {
  readonly #entries: Int32Array<SharedArrayBuffer>;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #tail: number;
  readonly #head: number;

  /** `tail` and `head`: the words of `control` that count what was written and read. */
  constructor(
    entries: Int32Array<SharedArrayBuffer>,
    control: Int32Array<SharedArrayBuffer>,
    tail: number,
    head: number,
  ) {
    this.#entries = entries;
    this.#control = control;
    this.#tail = tail;
    this.#head = head;
  }

  push(slot: number): void {
    const tail = this.#control[this.#tail] as number;
    this.#entries[tail & (RING - 1)] = slot;
    Atomics.store(this.#control, this.#tail, (tail + 1) | 0);
  }

  /** The next entry; -1 when there is none. */
  pop(): number {
    const head = this.#control[this.#head] as number;
    if (head === Atomics.load(this.#control, this.#tail)) return -1;
    const slot = this.#entries[head & (RING - 1)] as number;
    Atomics.store(this.#control, this.#head, (head + 1) | 0);
    return slot;
  }

  /** Whether there is no entry now. */
  get empty(): boolean {
    return (this.#control[this.#head] as number) === Atomics.load(this.#control, this.#tail);
  }
}
