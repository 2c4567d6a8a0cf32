// From the options that a plugin is opened with to what surrounds it: defaults filled in, limits checked.
import {
  type Clock,
  DEFAULT_LIMITS,
  type HostFunctions,
  type ModuleSource,
  type OpenOptions,
  resolveLimits,
  silentLogger,
  xidSource,
} from '@plugbay/core';
import { Closing } from '../abi/closing.ts';
import type { Environment } from '../abi/environment.ts';

const NO_CONFIG: Environment['config'] = Object.freeze({});
const NO_FUNCTIONS: HostFunctions = Object.freeze({});

/** The environment of a plugin. `clock` is for one that brings none. @throws PlugbayError `invalid` (limits). */
export function surround(source: ModuleSource, opening: OpenOptions, clock: Clock): Environment {
  return new Surroundings(source.name, opening, opening.clock ?? clock);
}

class Surroundings implements Environment {
  readonly plugin: string;
  readonly tenant: string;
  readonly limits: Environment['limits'];
  readonly config: Environment['config'];
  readonly door: Environment['door'];
  readonly functions: HostFunctions;
  readonly wasi: Environment['wasi'];
  readonly metered: boolean;
  readonly keepNames: boolean;
  readonly logger: Environment['logger'];
  readonly clock: Clock;
  readonly closing: Closing;
  // Made when the first call needs an id; most plugins never do, and randomness takes longer than the rest of this.
  #ids: (() => string) | undefined;

  constructor(plugin: string, opening: OpenOptions, clock: Clock) {
    this.plugin = plugin;
    this.tenant = opening.tenant;
    this.limits = opening.limits === undefined ? DEFAULT_LIMITS : resolveLimits(opening.limits);
    this.config = opening.config ?? NO_CONFIG;
    this.door = opening.door;
    this.functions = opening.functions ?? NO_FUNCTIONS;
    this.wasi = opening.wasi;
    this.metered = opening.metered ?? false;
    this.keepNames = opening.keepNames ?? false;
    this.logger = opening.logger ?? silentLogger;
    this.clock = clock;
    this.closing = new Closing(opening.onClose);
  }

  newInvocationId(): string {
    this.#ids ??= xidSource(this.clock);
    return this.#ids();
  }
}
