// Which host functions answer with a promise: declared, never guessed from what one returned.
import type { HostFunction } from './door.ts';

// A symbol from the global registry, because an app may load two copies of this package.
const ASYNCHRONOUS = Symbol.for('plugbay.asynchronous');

const AsyncFunction = (async () => undefined).constructor;

/** Declares that a host function answers with a promise although it is not an `async` function. Returns the function itself. */
export function asynchronous<F extends HostFunction>(body: F): F {
  Object.defineProperty(body, ASYNCHRONOUS, { value: true });
  return body;
}

/** Whether a host function answers with a promise: an `async` function, or one declared with {@link asynchronous}. */
export function isAsynchronous(body: HostFunction): boolean {
  return body instanceof AsyncFunction || ASYNCHRONOUS in body;
}
