// The call that an instance serves: what its imports read of it, and what they charge to it.
import { type CallOptions, type Invocation, PlugbayError, rootInvocation } from '@plugbay/core';
import type { Environment } from './environment.ts';
import { trapError } from './trap.ts';

// What a unit of fuel pays for when a module moves bytes itself.
const BYTES_PER_UNIT = 64;

/**
 * Units of fuel that a module is given at once: some tenths of a millisecond between two looks at the clock. What it was given and
 * has not used yet, it pays with before it runs out.
 */
const FUEL_SLICE = 100_000;

// 1 MiB: some tenths of a millisecond between two looks at the clock.
const UNCHECKED_BYTES = 1024 * 1024;

// Five microseconds: what a call of the system takes, which the module counts as one instruction.
const UNITS_PER_SYSTEM_CALL = 5_000;

// A unit is about a nanosecond of work, so that a module that sleeps takes as long as one that works.
const UNITS_PER_SLEPT_MS = 1_000_000;

/** One call of one plugin, from before its input is written until its output is read. */
export class RunningCall {
  /** The first thing that failed on the host's side. A guest can catch what is thrown at it; this it cannot undo. */
  failure: PlugbayError | undefined = undefined;
  /** Log lines so far, written or not. */
  logLines = 0;
  /** Units of work so far; undefined when nobody counts. Settled when the guest has answered. */
  fuel: number | undefined = undefined;
  /** Resumes the guest with an error, if it is suspended. */
  unwind: ((error: PlugbayError) => void) | undefined = undefined;
  /** Whether the call is over, so that nobody may act in its name any more. */
  ended = false;
  protected readonly options: CallOptions;
  protected readonly environment: Environment;
  #hostCalls = 0;
  #fuel: number;
  // Bytes that the host copied since it looked at the clock.
  #copied = 0;
  #invocation: Invocation | undefined;
  // When nobody waits any more, in monotonic milliseconds.
  readonly #latest: number | undefined;

  constructor(environment: Environment, options: CallOptions) {
    this.environment = environment;
    this.options = options;
    this.#fuel = environment.limits.fuel;
    this.#invocation = options.invocation;
    this.#latest =
      options.timeoutMs === undefined ? undefined : environment.clock.monotonic() + options.timeoutMs;
  }

  get context(): unknown {
    return this.options.context;
  }

  /** The invocation, which ends no later than the call; made when it is first asked for, because most calls need none. */
  get invocation(): Invocation {
    this.#invocation ??= rootInvocation(this.environment.newInvocationId());
    const left = this.remainingMs();
    if (this.#latest === undefined) return this.#invocation;
    return { ...this.#invocation, deadline: this.environment.clock.now() + left };
  }

  /** Calls of one key share their turn in a queue; those that name none have their tenant's. */
  get fairness(): string {
    return this.options.invocation?.fairness ?? this.environment.tenant;
  }

  get signal(): AbortSignal {
    return this.options.signal ?? this.environment.closing.signal;
  }

  /** Milliseconds for which somebody waits for the call; not positive when nobody does, Infinity when nothing ends it. */
  remainingMs(): number {
    const { clock } = this.environment;
    const { deadline } = this.options.invocation ?? {};
    const untilLatest =
      this.#latest === undefined ? Number.POSITIVE_INFINITY : this.#latest - clock.monotonic();
    return deadline === undefined ? untilLatest : Math.min(untilLatest, deadline - clock.now());
  }

  /** @throws PlugbayError `canceled` or `timeout` when nobody waits for the call any more, or what failed first. */
  checkWanted(): void {
    if (this.failure !== undefined) throw this.failure;
    const { signal, invocation } = this.options;
    if (signal === undefined && invocation === undefined && this.#latest === undefined) return;
    if (signal?.aborted) throw this.failed(canceledCall(signal.reason));
    if (this.remainingMs() < 0) throw this.failed(this.lateError());
  }

  /** Passes while the call goes on. @throws PlugbayError what it failed with, or `unavailable`: its guest is being unwound. */
  checkGoing(): void {
    if (this.ended) throw this.failure ?? new PlugbayError('unavailable', 'the call has ended');
  }

  /**
   * Charges one call of the host. A call that has failed makes no more of them.
   * @throws PlugbayError `limit` beyond `hostCalls`, `canceled`, `timeout`, or what failed first.
   */
  countHostCall(): void {
    if (this.failure !== undefined) throw this.failure;
    this.#hostCalls += 1;
    const { hostCalls } = this.environment.limits;
    if (this.#hostCalls > hostCalls) {
      throw this.failed(new PlugbayError('limit', `the call made more than ${hostCalls} host calls`));
    }
    this.checkWanted();
  }

  /**
   * Up to `units` of the fuel that the call has left, for a metered module to use next.
   * @throws PlugbayError `limit` when there is none left, `canceled`, `timeout`, or what failed first.
   */
  refuel(units: number): number {
    if (this.failure !== undefined) throw this.failure;
    this.checkWanted();
    if (this.#fuel <= 0) throw this.failed(this.#outOfFuel());
    const granted = Math.min(units, this.#fuel);
    this.#fuel -= granted;
    return granted;
  }

  /** As {@link refuel}, for the module itself: 0 for what fails, which ends it with a trap, and that it cannot catch. */
  tick(): number {
    try {
      return this.refuel(FUEL_SLICE);
    } catch {
      return 0;
    }
  }

  /** Takes back fuel that a module got and did not use. */
  refund(units: number): void {
    this.#fuel += units;
  }

  /**
   * Charges bytes that the host copies for a metered module as the module's own bulk operations are charged, before they are copied.
   * @throws PlugbayError as {@link refuel}.
   */
  chargeCopy(bytes: number): void {
    if (!this.environment.metered || bytes < BYTES_PER_UNIT) return;
    if (this.failure !== undefined) throw this.failure;
    this.#fuel -= Math.floor(bytes / BYTES_PER_UNIT);
    if (this.#fuel < -FUEL_SLICE) throw this.failed(this.#outOfFuel());
    this.#copied += bytes;
    if (this.#copied < UNCHECKED_BYTES) return;
    this.#copied = 0;
    this.checkWanted();
  }

  /**
   * Charges a call of the system by a metered module, before it is made.
   * @throws PlugbayError `limit` when the call cannot pay for it, or what failed first.
   */
  chargeSystemCall(): void {
    if (this.failure !== undefined) throw this.failure;
    this.#fuel -= UNITS_PER_SYSTEM_CALL;
    if (this.#fuel < -FUEL_SLICE) throw this.failed(this.#outOfFuel());
  }

  /**
   * Charges time that a metered module wants to spend without working, before it is spent.
   * @throws PlugbayError `limit` when it is more than the call can pay for.
   */
  chargeSleep(ms: number): void {
    if (!this.environment.metered) return;
    if (this.failure !== undefined) throw this.failure;
    const units = Math.ceil(ms * UNITS_PER_SLEPT_MS);
    if (units > this.#fuel) throw this.failed(this.#outOfFuel());
    this.#fuel -= units;
  }

  /** Says how much of what it was given a metered module has left. */
  settleFuel(left: number): void {
    this.fuel = this.environment.limits.fuel - this.#fuel - left;
  }

  /** Whether the output shall be a view of the instance's memory. */
  get wantsView(): boolean {
    return this.options.output === 'view';
  }

  /** Remembers what failed on the host's side and returns it as an error, to be thrown. */
  failed(thrown: unknown): PlugbayError {
    const error = trapError(thrown);
    this.failure ??= error;
    return error;
  }

  /** Ends the call, once, and says how many log lines it lost. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    const { logger, limits, plugin, tenant } = this.environment;
    const dropped = this.logLines - limits.logLines;
    if (dropped <= 0) return;
    const line = `${dropped} log lines dropped: the call may write ${limits.logLines}`;
    try {
      logger.warn({ plugin, tenant, dropped }, line);
    } catch {
      // The call has its outcome already; a logger that throws does not change it.
    }
  }

  #outOfFuel(): PlugbayError {
    const { fuel } = this.environment.limits;
    return new PlugbayError('limit', `plugin ran out of fuel: it had ${fuel} units for one call`);
  }

  /** The error of a call that took too long. */
  protected lateError(): PlugbayError {
    const { timeoutMs, invocation } = this.options;
    const { clock } = this.environment;
    // Whichever is over first, not what is over by now: timers may be early by a part of a millisecond.
    const untilDeadline = (invocation?.deadline ?? Number.POSITIVE_INFINITY) - clock.now();
    if (this.#latest === undefined || untilDeadline <= this.#latest - clock.monotonic())
      return new PlugbayError('timeout', 'the deadline of the invocation has passed');
    return new PlugbayError('timeout', `the call took longer than ${timeoutMs} ms`);
  }
}

/** The error of a call that nobody wants any more. */
export function canceledCall(reason: unknown): PlugbayError {
  return new PlugbayError('canceled', 'the call was canceled', { cause: reason });
}
