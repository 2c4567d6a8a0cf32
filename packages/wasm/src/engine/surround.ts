// From the options that a plugin is opened with to what surrounds it: defaults filled in, limits checked.
import {
  type Clock,
  DEFAULT_LIMITS,
  type ModuleSource,
  type OpenOptions,
  resolveLimits,
  silentLogger,
  xidSource,
} from '@plugbay/core';
import type { Environment } from '../abi/environment.ts';
import { variableCost } from '../abi/extism/variables.ts';

/** The environment of a plugin. `clock` is for one that brings none. @throws PlugbayError `invalid` (limits). */
export function surround(
  source: ModuleSource,
  opening: OpenOptions,
  clock: Clock,
  closing: AbortSignal,
): Environment {
  const ownClock = opening.clock ?? clock;
  // Made when the first call needs an id; most plugins never do, and randomness takes longer than the rest of this.
  let ids: (() => string) | undefined;
  return {
    plugin: source.name,
    tenant: opening.tenant,
    limits: opening.limits === undefined ? DEFAULT_LIMITS : resolveLimits(opening.limits),
    config: opening.config ?? {},
    door: opening.door,
    functions: opening.functions ?? {},
    wasi: opening.wasi,
    metered: opening.metered ?? false,
    variableCost,
    logger: opening.logger ?? silentLogger,
    clock: ownClock,
    newInvocationId: () => {
      ids ??= xidSource(ownClock);
      return ids();
    },
    closing,
  };
}
