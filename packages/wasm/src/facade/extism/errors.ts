// From the engine's errors to those that code written for the SDK looks for: the same texts, and the app's own errors as they are.
import { type ErrorCode, isPlugbayError, PlugbayError } from '@plugbay/core';
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

/** A plugin's error with the text that the plugin `reported`, if it did: a return code has none. Others as they are. */
export function reportedError(error: unknown, reported: string | undefined): unknown {
  if (!isPlugbayError(error) || error.code !== 'plugin' || reported === undefined) return error;
  // A crash comes first, with its own text.
  if (trapIn(error) !== undefined) return error;
  return pinned(error, `Plugin-originated error: ${reported}`);
}

/** The error of a call whose input, or what the host answered, had no room, with the text for it. Others as they are. */
export function refusedError(error: unknown, message: string): unknown {
  return isPlugbayError(error) && error.code === 'limit' ? pinned(error, message) : error;
}

/** An error with the SDK's text. */
export function sdkError(code: ErrorCode, message: string, hint?: string): PlugbayError {
  return new PlugbayError(code, message, { hint });
}

// A crash comes before an error that was set, as in the SDK. One of ours, without a cause, is no crash of the module.
function trapIn(error: PlugbayError): unknown {
  const trap = error.code === 'plugin' ? error.cause : error;
  return isPlugbayError(trap) && trap.code === 'trap' ? trap.cause : undefined;
}

function pinned(error: PlugbayError, message: string): PlugbayError {
  const { code, hint, plugin, stateLost } = error;
  return new PlugbayError(code, message, { hint, plugin, stateLost, cause: error });
}
