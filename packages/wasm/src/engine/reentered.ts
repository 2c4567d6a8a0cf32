// A plugin that is called by what it has called itself.
import { PlugbayError } from '@plugbay/core';

/** The error of a call that would wait for itself. */
export function reentered(): PlugbayError {
  return new PlugbayError(
    'conflict',
    'the plugin is running: it cannot be called from its own host functions',
    { hint: 'Open the plugin a second time for calls that it causes itself, or give it more instances.' },
  );
}
