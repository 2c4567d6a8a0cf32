// What the plugins of these rows may ask their host for.
import { type HostDoor, PlugbayError } from '@plugbay/core';

/** Nothing. */
export const NO_DOOR: HostDoor = {
  mode: () => undefined,
  callSync: refuse,
  call: async () => refuse(),
  authorise: () => undefined,
};

function refuse(): never {
  throw new PlugbayError('denied', 'the benchmark answers no host calls');
}
