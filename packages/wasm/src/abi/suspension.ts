// What wakes a suspended guest: the answer that it waits for, unless its call has ended meanwhile.
import type { RunningCall } from './running-call.ts';

/** Where the call is found that an instance serves. */
export interface Serving {
  readonly call: RunningCall;
}

/**
 * For an import that suspends its guest: takes what answers it, a promise or not, to what the guest gets by `finish` or `refuse`. Made
 * once for an instance, which waits for one answer at a time, and serves no other call once it was given up.
 *
 * A guest whose call ends meanwhile is unwound at once, whatever becomes of the answer: V8 keeps a guest that is suspended, and
 * all of its memory, until it is resumed. What it still does then is nobody's any more.
 */
export function resuming<T>(
  state: Serving,
  finish: (answer: T) => unknown,
  refuse: (thrown: unknown) => unknown,
): (answer: PromiseLike<T> | T) => unknown {
  let call = state.call;
  let resume: (answer: unknown) => void;
  let unwind: (thrown: unknown) => void;
  const suspend = (resolve: typeof resume, reject: typeof unwind): void => {
    resume = resolve;
    unwind = reject;
    call.unwind = reject;
  };
  const settle = <V>(settled: (value: V) => unknown, value: V): void => {
    if (call.ended) return;
    try {
      resume(settled(value));
    } catch (thrown) {
      unwind(thrown);
    }
  };
  const onValue = (value: T): void => settle(finish, value);
  const onError = (thrown: unknown): void => settle(refuse, thrown);
  return (answer) => {
    if (!isThenable(answer)) return finish(answer);
    call = state.call;
    const resumed = new Promise(suspend);
    // A thenable of the app's own may answer twice, or at once: a promise does not.
    Promise.resolve(answer).then(onValue, onError);
    return resumed;
  };
}

/** Whether a value has to be waited for. */
export function isThenable<T>(value: PromiseLike<T> | T): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
