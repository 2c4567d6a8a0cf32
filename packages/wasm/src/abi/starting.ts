// How an instance starts: what of its guest runs before anything is asked of it, step by step, so that it can be suspended.
import type { Waiting } from './waiting.ts';

/** A function of a guest, and what it takes. */
export type GuestStep = readonly [run: (...values: number[]) => unknown, ...values: number[]];

/** Yields what of a guest has to run, is resumed when that has returned or thrown, and ends with what was started. */
export type Starting<T> = Generator<GuestStep, T, void>;

/** Starts it at once: nothing of it can be suspended. @throws what it ends with. */
export function startNow<T>(starting: Starting<T>): T {
  let step = starting.next();
  while (step.done !== true) {
    const [run, ...values] = step.value;
    try {
      run(...values);
    } catch (thrown) {
      step = starting.throw(thrown);
      continue;
    }
    step = starting.next();
  }
  return step.value;
}

/** Starts it on a thread that others want as well: its guest can be suspended. At once, when nothing of a guest has to run. */
export function startLater<T>(starting: Starting<T>, waiting: Waiting): T | Promise<T> {
  // A module that was not rewritten runs its start function while it is instantiated, which is a call from JavaScript.
  const resume = (): IteratorResult<GuestStep, T> => waiting.unsuspended(() => starting.next());
  const refuse = (thrown: unknown): IteratorResult<GuestStep, T> =>
    waiting.unsuspended(() => starting.throw(thrown));
  const goOn = (step: IteratorResult<GuestStep, T>): T | Promise<T> => {
    if (step.done === true) return step.value;
    const [run, ...values] = step.value;
    const ran = WebAssembly.promising(run)(...values);
    return ran.then(
      () => goOn(resume()),
      (thrown) => goOn(refuse(thrown)),
    );
  };
  return goOn(resume());
}
