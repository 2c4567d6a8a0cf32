// The guest's clocks: the host's, the app's own, or none.
import { systemClock, type WasiGrants } from '@plugbay/core';
import { refuse } from './errno.ts';
import { blockingSleep, type WasiHost } from './host.ts';
import { CLOCKID } from './values.ts';

type OwnClock = Required<Exclude<WasiGrants['clock'], string | undefined>>;

const NS_PER_MS = 1_000_000n;

// Our clocks count milliseconds; the monotonic one has fractions, of which a microsecond can be trusted.
const REALTIME_RESOLUTION = NS_PER_MS;
const MONOTONIC_RESOLUTION = 1_000n;

/** The clocks of one instance, in nanoseconds. */
export class Clocks {
  readonly #clock: OwnClock | undefined;

  constructor(grant: WasiGrants['clock'], host: WasiHost) {
    if (grant === 'none') return;
    const clock = grant === undefined || grant === 'system' ? systemOf(host) : grant;
    this.#clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms) => clock.sleep?.(ms),
    };
  }

  /** @throws Refusal `ENOTCAPABLE` (no clock granted), `ENOTSUP` (CPU time: it is the host's, not the guest's), `EINVAL`. */
  time(id: number): bigint {
    const clock = this.#granted(id);
    return id === CLOCKID.realtime ? nanoseconds(clock.now()) : nanoseconds(clock.monotonic());
  }

  /** @throws Refusal as {@link Clocks.time}. */
  resolution(id: number): bigint {
    this.#granted(id);
    return id === CLOCKID.realtime ? REALTIME_RESOLUTION : MONOTONIC_RESOLUTION;
  }

  /** Lets time pass. @throws what the host's `sleep` throws. */
  sleep(duration: bigint): void {
    if (duration > 0n) this.#clock?.sleep(Number(duration) / Number(NS_PER_MS));
  }

  #granted(id: number): OwnClock {
    if (id === CLOCKID.processCputime || id === CLOCKID.threadCputime) refuse('ENOTSUP');
    if (id !== CLOCKID.realtime && id !== CLOCKID.monotonic) refuse('EINVAL');
    return this.#clock ?? refuse('ENOTCAPABLE');
  }
}

function systemOf(host: WasiHost): OwnClock {
  const clock = host.clock ?? systemClock;
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms) => (host.sleep === undefined ? blockingSleep(ms) : host.sleep(ms)),
  };
}

// In two parts, because the nanoseconds since 1970 are more than a double holds.
function nanoseconds(ms: number): bigint {
  const whole = Math.floor(ms);
  const total = BigInt(whole) * NS_PER_MS + BigInt(Math.round((ms - whole) * Number(NS_PER_MS)));
  return total < 0n ? 0n : total;
}
