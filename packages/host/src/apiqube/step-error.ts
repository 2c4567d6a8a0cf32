// Errors that say at which step of a plugin's life they arose.
import { isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';
import { MissingCapabilityError } from './missing-capability.ts';

/** The same error with `step: ` before its message; what is none of ours is `internal`, because the app's own code threw it. */
export function stepError(step: string, error: unknown): PlugbayError {
  const message = `${step}: ${messageOf(error)}`;
  if (!isPlugbayError(error)) return new PlugbayError('internal', message, { cause: error });
  const { code, hint, plugin, tenant, phase, stateLost } = error;
  return new PlugbayError(code, message, { hint, plugin, tenant, phase, stateLost, cause: error });
}

/** The error of loading the file at `path`; a {@link MissingCapabilityError} stays one. */
export function loadError(path: string, error: unknown): PlugbayError {
  return error instanceof MissingCapabilityError ? error.at(path) : stepError(`load ${path}`, error);
}
