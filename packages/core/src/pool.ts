// How many instances of a plugin there are, and for how long.
import { PlugbayError } from './error.ts';

/** Settings of a plugin's pool of instances. */
export interface PoolOptions {
  /**
   * Whether any instance may serve any call, because the plugin keeps nothing in its memory between calls that matters.
   * Variables are the plugin's and not an instance's, so they do not count. @default false: one instance, calls one by one
   */
  readonly stateless?: boolean | undefined;
  /** Instances at most; more than one only for a stateless plugin. @default 1, for a stateless plugin 8 */
  readonly instances?: number | undefined;
  /** Instances that are kept ready while there is room, made between calls. @default 0 */
  readonly ahead?: number | undefined;
  /** Calls that one instance serves before it is replaced. @default Infinity */
  readonly uses?: number | undefined;
  /** Milliseconds after which a stateless plugin's instance that nobody used, and that is not kept ready, is dropped. @default 60,000 */
  readonly idleMs?: number | undefined;
  /** Milliseconds that a call waits for an instance at most. @default 30,000 */
  readonly waitMs?: number | undefined;
  /** Calls that may wait at the same time. @default 1,000 */
  readonly waiting?: number | undefined;
  /** Calls of one fairness key that may wait at the same time, so that one cannot fill the queue alone. @default half of `waiting` */
  readonly waitingOfKey?: number | undefined;
}

/** {@link PoolOptions}, complete. */
export type PoolSettings = { readonly [K in keyof PoolOptions]-?: NonNullable<PoolOptions[K]> };

// 8: enough for callbacks that wait for a network; each instance costs its memory.
const STATELESS_INSTANCES = 8;
// 100: a memory reserves 8 GB of a process's 128 TB of addresses, and a plugin is one of thousands.
const MAX_INSTANCES = 100;
// A minute: longer than the pauses between bursts of requests.
const IDLE_MS = 60_000;
// Half a minute: no request is waited for longer.
const WAIT_MS = 30_000;
// 1,000: at a millisecond a call, the last one waits a second.
const WAITING = 1_000;

const DEFAULT_POOL: PoolSettings = Object.freeze({
  stateless: false,
  instances: 1,
  ahead: 0,
  uses: Number.POSITIVE_INFINITY,
  idleMs: IDLE_MS,
  waitMs: WAIT_MS,
  waiting: WAITING,
  waitingOfKey: WAITING / 2,
});

/** The settings that `options` make. @throws PlugbayError `invalid` that names the option, for values out of range. */
export function resolvePool(options?: PoolOptions): PoolSettings {
  // Most plugins have these, and there may be thousands of them.
  return options === undefined ? DEFAULT_POOL : settle(options);
}

function settle(options: PoolOptions): PoolSettings {
  const stateless = options.stateless ?? false;
  const waiting = options.waiting ?? DEFAULT_POOL.waiting;
  const settings: PoolSettings = {
    stateless,
    instances: options.instances ?? (stateless ? STATELESS_INSTANCES : DEFAULT_POOL.instances),
    ahead: options.ahead ?? DEFAULT_POOL.ahead,
    uses: options.uses ?? DEFAULT_POOL.uses,
    idleMs: options.idleMs ?? DEFAULT_POOL.idleMs,
    waitMs: options.waitMs ?? DEFAULT_POOL.waitMs,
    waiting,
    waitingOfKey: options.waitingOfKey ?? Math.ceil(waiting / 2),
  };
  requireWhole('instances', settings.instances, 1, MAX_INSTANCES);
  requireWhole('ahead', settings.ahead, 0, settings.instances);
  if (settings.uses !== Number.POSITIVE_INFINITY)
    requireWhole('uses', settings.uses, 1, Number.MAX_SAFE_INTEGER);
  requireWhole('idleMs', settings.idleMs, 1, Number.MAX_SAFE_INTEGER);
  requireWhole('waitMs', settings.waitMs, 0, Number.MAX_SAFE_INTEGER);
  requireWhole('waiting', settings.waiting, 0, Number.MAX_SAFE_INTEGER);
  requireWhole('waitingOfKey', settings.waitingOfKey, 0, Number.MAX_SAFE_INTEGER);
  if (stateless || settings.instances === 1) return settings;
  throw new PlugbayError('invalid', `a plugin with ${settings.instances} instances must be stateless`, {
    hint: 'Set pool.stateless, if nothing that it keeps in its memory between calls matters.',
  });
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new PlugbayError(
    'invalid',
    `pool.${name} must be a whole number from ${least} to ${most}, not ${value}`,
  );
}
