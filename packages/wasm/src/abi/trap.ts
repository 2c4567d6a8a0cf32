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

// In the module's own code, or in what it called with next to nothing left.
function stackError(thrown: RangeError): PlugbayError {
  return new PlugbayError('trap', `the module ran out of stack: ${thrown.message}`, { cause: thrown });
}

function isStackOverflow(thrown: unknown): thrown is RangeError {
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

/** A PlugbayError as it is; anything else is a fault of ours or of the app, but for a stack that ended, which guests use up. */
export function internalError(thrown: unknown): PlugbayError {
  return knownError(thrown) ?? new PlugbayError('internal', messageOf(thrown), { cause: thrown });
}

/** The error of what the app's code threw while it served a guest; `what` names the code. Else as {@link internalError}. */
export function hostError(what: string, thrown: unknown): PlugbayError {
  return (
    knownError(thrown) ?? new PlugbayError('internal', `${what}: ${messageOf(thrown)}`, { cause: thrown })
  );
}

// Not what only claims to be an error of ours, and nothing for a proxy that does not let itself be looked at.
function knownError(thrown: unknown): PlugbayError | undefined {
  try {
    if (isStackOverflow(thrown)) return stackError(thrown);
    return isPlugbayError(thrown) && typeof thrown.with === 'function' ? thrown : undefined;
  } catch {
    return undefined;
  }
}
