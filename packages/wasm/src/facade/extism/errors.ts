// From the engine's errors to those that code written for the SDK looks for: the same texts, and the app's own errors as they are.
import { type ErrorCode, isPlugbayError, PlugbayError } from '@plugbay/core';
import { pinned, trapIn } from '../../abi/extism/sdk/errors.ts';
import type { Frame } from './frame.ts';

/** What a failed call rejects with: what the app's own code threw, the trap, or an error with the SDK's text. */
export function callError(error: unknown, frame: Frame): unknown {
  if (frame.thrown !== undefined) return frame.thrown.value;
  if (!isPlugbayError(error)) return error;
  const trap = trapIn(error);
  if (trap !== undefined) return trap;
  switch (error.code) {
    case 'timeout':
      return pinned(error, 'EXTISM: call canceled due to timeout');
    case 'conflict':
      // Host functions that throw one are dealt with above.
      return pinned(error, 'plugin is not reentrant');
    case 'internal':
      return error.cause ?? error;
    default:
      return error;
  }
}

/** What the creation of a plugin rejects with, when its module fails to start. */
export function startError(error: unknown, frame: Frame): unknown {
  if (!isPlugbayError(error) || error.code !== 'timeout' || frame.thrown !== undefined)
    return callError(error, frame);
  return pinned(error, 'EXTISM: timed out while waiting for plugin to instantiate');
}

/** An error with the SDK's text. */
export function sdkError(code: ErrorCode, message: string, hint?: string): PlugbayError {
  return new PlugbayError(code, message, { hint });
}
