// The thread of the round trips: answers as soon as it is asked, spins for a while, and sleeps.
import { workerData } from 'node:worker_threads';

/** The words that it shares with whoever asks, as indices of 32-bit words. */
export const WORDS = {
  /** How many questions there were; what the thread waits for. */
  asked: 0,
  /** How many were answered; what the other side waits for. */
  answered: 1,
  /** 1 while the thread sleeps, so that nobody has to be woken otherwise. */
  asleep: 2,
  /** How many words there are. */
  count: 3,
} as const;

// As often as our threads.
const SPINS = 300;

// Whoever asks imports the words as well.
if (workerData instanceof Int32Array) serve(workerData as Int32Array<SharedArrayBuffer>);

function serve(words: Int32Array<SharedArrayBuffer>): never {
  for (let answered = 0; ; ) {
    answered = next(words, answered);
    Atomics.store(words, WORDS.answered, answered);
    Atomics.notify(words, WORDS.answered);
  }
}

// What `asked` says when it says something else than `last`.
function next(words: Int32Array<SharedArrayBuffer>, last: number): number {
  for (let spins = 0; spins < SPINS; spins++) {
    const asked = Atomics.load(words, WORDS.asked);
    if (asked !== last) return asked;
    Atomics.pause();
  }
  Atomics.store(words, WORDS.asleep, 1);
  Atomics.wait(words, WORDS.asked, last);
  Atomics.store(words, WORDS.asleep, 0);
  return Atomics.load(words, WORDS.asked);
}
