// Errors of a plugin with the texts that code written for the SDK looks for.
import { isPlugbayError, PlugbayError } from '@plugbay/core';

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

/**
 * What V8 threw when the module crashed, which comes before an error that was set, as in the SDK; undefined when it did not. One of ours,
 * without a cause, is no crash of the module.
 */
export function trapIn(error: PlugbayError): unknown {
  const trap = error.code === 'plugin' ? error.cause : error;
  return isPlugbayError(trap) && trap.code === 'trap' ? trap.cause : undefined;
}

/** An error with another text, and itself as the cause. */
export function pinned(error: PlugbayError, message: string): PlugbayError {
  const { code, hint, plugin, stateLost } = error;
  return new PlugbayError(code, message, { hint, plugin, stateLost, cause: error });
}
