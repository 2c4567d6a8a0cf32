// The physical limit of asking a thread: a round trip through shared memory with nothing in it.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WORDS } from './round-trips-thread.ts';

// Sources run as they are too.
const ENTRY = new URL(`round-trips-thread${extname(import.meta.filename)}`, import.meta.url);
// Turns of the event loop before this side sleeps, as our engine's.
const LOOKS = 200;

/** A thread that answers every question at once, in turn. It waits as our threads do, and so does this side. */
export class RoundTrips {
  readonly #words = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * WORDS.count));
  readonly #thread: Worker;
  readonly #asked: (() => void)[] = [];
  #heard = 0;
  #looking = false;

  constructor() {
    this.#thread = new Worker(ENTRY, { workerData: this.#words });
  }

  /** Asks, and waits for the answer. Any number of questions may be on the way. */
  ask(): Promise<void> {
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      Atomics.add(this.#words, WORDS.asked, 1);
      if (Atomics.load(this.#words, WORDS.asleep) === 1) Atomics.notify(this.#words, WORDS.asked);
      this.#listen();
    });
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #listen(): void {
    if (this.#looking) return;
    this.#looking = true;
    setImmediate(() => this.#look(LOOKS));
  }

  #look(looks: number): void {
    const answered = Atomics.load(this.#words, WORDS.answered);
    const news = answered !== this.#heard;
    for (; this.#heard !== answered; this.#heard = (this.#heard + 1) | 0) this.#asked.shift()?.();
    if (news || looks > 0) {
      setImmediate(() => this.#look(news ? LOOKS : looks - 1));
      return;
    }
    this.#looking = false;
    if (this.#asked.length > 0) void this.#sleep();
  }

  async #sleep(): Promise<void> {
    const woken = Atomics.waitAsync(this.#words, WORDS.answered, this.#heard);
    if (woken.async) await woken.value;
    this.#listen();
  }
}
