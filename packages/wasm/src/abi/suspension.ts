// What wakes a suspended guest: the answer that it waits for, unless its call has ended meanwhile.
import type { RunningCall } from './running-call.ts';

/** Where the call is found that an instance serves. */
interface Serving {
  readonly call: RunningCall;
}

/**
 * For an import that suspends its guest: takes what answers it, a promise or not, to what the guest gets by `finish` or `refuse`. A
 * guest whose call has ended is never resumed. Made once for an instance, because an instance that was given up serves no other call.
 */
export function resuming<T>(
  state: Serving,
  finish: (answer: T) => unknown,
  refuse: (thrown: unknown) => never,
): (answer: PromiseLike<T> | T) => unknown {
  const onValue = (answer: T): unknown => (state.call.ended ? never() : finish(answer));
  const onError = (thrown: unknown): unknown => (state.call.ended ? never() : refuse(thrown));
  // A thenable of the app's own may answer twice, or at once, or with nothing: a promise does not.
  return (answer) => (isThenable(answer) ? Promise.resolve(answer).then(onValue, onError) : finish(answer));
}

/** Whether a value has to be waited for. */
export function isThenable<T>(value: PromiseLike<T> | T): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

// A new one each time: what waits for it is forgotten with it.
function never(): Promise<never> {
  return new Promise(() => undefined);
}
