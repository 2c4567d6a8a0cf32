// What a module throws, as errors: V8 has three ways to say that a guest crashed.
import { isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';

/** The error for what came out of a call into a module. */
export function trapError(thrown: unknown): PlugbayError {
  if (isPlugbayError(thrown)) return thrown;
  if (thrown instanceof WebAssembly.RuntimeError) {
    return new PlugbayError('trap', `the module trapped: ${thrown.message}`, { cause: thrown });
  }
  if (thrown instanceof WebAssembly.SuspendError) {
    return new PlugbayError(
      'unsupported',
      'the module asked for something that is answered asynchronously where it cannot wait for it',
      {
        cause: thrown,
        hint: 'It can wait during a call, not while it starts and not below a function of a command module.',
      },
    );
  }
  // V8 reports a guest's stack overflow as its own, not as a trap.
  if (thrown instanceof RangeError) {
    return new PlugbayError('trap', `the module ran out of stack: ${thrown.message}`, { cause: thrown });
  }
  if (thrown instanceof WebAssembly.Exception) {
    return new PlugbayError('trap', 'the module threw an exception that nothing in it caught', {
      cause: thrown,
    });
  }
  return internalError(thrown);
}

/** The error for what came out of making an instance. */
export function instantiationError(thrown: unknown): PlugbayError {
  if (thrown instanceof WebAssembly.LinkError) {
    return new PlugbayError('invalid', thrown.message, { cause: thrown });
  }
  if (thrown instanceof RangeError && /allocate|out of memory/i.test(thrown.message)) {
    return new PlugbayError('unavailable', `no memory for another instance: ${thrown.message}`, {
      cause: thrown,
    });
  }
  return trapError(thrown);
}

/** A PlugbayError as it is; anything else is a fault of ours or of the app. */
export function internalError(thrown: unknown): PlugbayError {
  if (isPlugbayError(thrown)) return thrown;
  return new PlugbayError('internal', messageOf(thrown), { cause: thrown });
}
