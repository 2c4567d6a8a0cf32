// What belongs to one call: it travels as the call's context, so that calls that wait for each other never mix.
import type { PlugbayError } from '@plugbay/core';

/** One call. */
export interface Frame {
  /** Why the callback's first answer that was none was refused. */
  refused: PlugbayError | undefined;
}
