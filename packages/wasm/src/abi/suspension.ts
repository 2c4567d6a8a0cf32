// What wakes a suspended guest: the answer that it waits for, unless its call has ended meanwhile.
import type { RunningCall } from './running-call.ts';

/** Where the call is found that an instance serves. */
interface Serving {
  readonly call: RunningCall;
}

/**
 * For an import that suspends its guest: takes what answers it, a promise or not, to what the guest gets by `finish` or `refuse`. Made
 * once for an instance, because an instance that was given up serves no other call.
 *
 * A guest whose call ends meanwhile is unwound at once, whatever becomes of the answer: V8 keeps a guest that is suspended, and
 * all of its memory, until it is resumed. What it still does then is nobody's any more.
 */
export function resuming<T>(
  state: Serving,
  finish: (answer: T) => unknown,
  refuse: (thrown: unknown) => never,
): (answer: PromiseLike<T> | T) => unknown {
  return (answer) => {
    if (!isThenable(answer)) return finish(answer);
    const { call } = state;
    return new Promise((resolve, reject) => {
      call.unwind = reject;
      const settle = (settled: (value: never) => unknown, value: unknown): void => {
        if (call.ended) return;
        try {
          resolve(settled(value as never));
        } catch (thrown) {
          reject(thrown);
        }
      };
      // A thenable of the app's own may answer twice, or at once: a promise does not.
      Promise.resolve(answer).then(
        (value) => settle(finish, value),
        (thrown) => settle(refuse, thrown),
      );
    });
  };
}

/** Whether a value has to be waited for. */
export function isThenable<T>(value: PromiseLike<T> | T): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
