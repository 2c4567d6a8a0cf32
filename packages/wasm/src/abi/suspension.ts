// What wakes a suspended guest: the answer that it waits for, unless its call has ended meanwhile.
import type { RunningCall } from './running-call.ts';

/** Where the call is found that an instance serves. */
interface Serving {
  readonly call: RunningCall;
}

/**
 * Makes the function behind an import that suspends its guest: `ask` begins, and `finish` and `refuse` make what the guest gets of
 * the answer or the error. A guest whose call has ended is never resumed. All of it is made once for an instance, because an
 * instance that was given up serves no other call.
 */
export function suspending<A extends unknown[], T>(
  state: Serving,
  ask: (...values: A) => PromiseLike<T> | T,
  finish: (answer: T) => unknown,
  refuse: (thrown: unknown) => never,
): WebAssembly.Suspending {
  const onValue = (answer: T): unknown => (state.call.ended ? never() : finish(answer));
  const onError = (thrown: unknown): unknown => (state.call.ended ? never() : refuse(thrown));
  return new WebAssembly.Suspending((...values: A) => {
    const answer = ask(...values);
    return isThenable(answer) ? answer.then(onValue, onError) : finish(answer);
  });
}

/** Whether a value has to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

// A new one each time: what waits for it is forgotten with it.
function never(): Promise<never> {
  return new Promise(() => undefined);
}
