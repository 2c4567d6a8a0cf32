// What a module throws, as errors: V8 has three ways to say that a guest crashed.
import { isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';

/** The error for what came out of a call into a module. */
export function trapError(thrown: unknown): PlugbayError {
  try {
    return knownError(thrown) ?? crashError(thrown) ?? internalError(thrown);
  } catch {
    // A proxy that does not let itself be looked at: no crash of the guest.
    return internalError(thrown);
  }
}

function crashError(thrown: unknown): PlugbayError | undefined {
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
  if (thrown instanceof RangeError) return stackError(thrown);
  if (thrown instanceof WebAssembly.Exception) {
    return new PlugbayError('trap', 'the module threw an exception that nothing in it caught', {
      cause: thrown,
    });
  }
  return undefined;
}

/** The error of a module that ran out of stack, in its own code or in what it called. */
export function stackError(thrown: RangeError): PlugbayError {
  return new PlugbayError('trap', `the module ran out of stack: ${thrown.message}`, { cause: thrown });
}

/** Whether V8 had no stack left. A guest can call its host with next to nothing of it left. */
export function isStackOverflow(thrown: unknown): thrown is RangeError {
  return thrown instanceof RangeError && thrown.message === 'Maximum call stack size exceeded';
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
  return knownError(thrown) ?? new PlugbayError('internal', messageOf(thrown), { cause: thrown });
}

/** What the app or a guest threw as the PlugbayError that it is; undefined for anything else, also what only claims to be one. */
export function knownError(thrown: unknown): PlugbayError | undefined {
  try {
    return isPlugbayError(thrown) && typeof thrown.with === 'function' ? thrown : undefined;
  } catch {
    // A proxy that does not let itself be looked at.
    return undefined;
  }
}

/**
 * The error of what the app's code threw while it served a guest: `what` names the code. A PlugbayError as it is; a stack that
 * ended, which the guest had used up before, is the guest's crash.
 */
export function hostError(what: string, thrown: unknown): PlugbayError {
  try {
    if (isStackOverflow(thrown)) return stackError(thrown);
  } catch {
    // As above.
  }
  return (
    knownError(thrown) ?? new PlugbayError('internal', `${what}: ${messageOf(thrown)}`, { cause: thrown })
  );
}
