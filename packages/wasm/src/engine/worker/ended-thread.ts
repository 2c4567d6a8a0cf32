// Why calls fail that a thread takes along when it ends.
import { messageOf, PlugbayError } from '@plugbay/core';

/** For a call whose thread could not start. */
export function couldNotStart(cause: unknown): PlugbayError {
  return new PlugbayError('unavailable', `a thread could not start: ${messageOf(cause)}`, { cause });
}

/** For the call whose guest had the thread when it ended. */
export function crashed(cause: unknown): PlugbayError {
  return new PlugbayError('unavailable', 'the thread that ran the plugin has ended', {
    stateLost: true,
    cause,
    hint: 'Call again, unless what it does must not be done twice.',
  });
}

/** For a call that had begun on a thread that was ended because of another one. */
export function lostWithOthers(): PlugbayError {
  return new PlugbayError(
    'unavailable',
    'the thread on which the plugin waited was ended because of another one',
    {
      stateLost: true,
      hint: 'Call again, unless what it does must not be done twice.',
    },
  );
}
