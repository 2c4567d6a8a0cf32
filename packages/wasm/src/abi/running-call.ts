// The call that an instance serves: what its imports read of it, and what they charge to it.
import { type CallOptions, type Invocation, PlugbayError, rootInvocation } from '@plugbay/core';
import type { Environment } from './environment.ts';
import { trapError } from './trap.ts';

/** One call of one plugin, from before its input is written until its output is read. */
export class RunningCall {
  /** The first thing that failed on the host's side. A guest can catch what is thrown at it; this it cannot undo. */
  failure: PlugbayError | undefined = undefined;
  /** Log lines so far, written or not. */
  logLines = 0;
  /** Whether the call is over, so that nobody may act in its name any more. */
  ended = false;
  #hostCalls = 0;
  #invocation: Invocation | undefined;
  readonly #options: CallOptions;
  readonly #environment: Environment;

  constructor(environment: Environment, options: CallOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#invocation = options.invocation;
  }

  get context(): unknown {
    return this.#options.context;
  }

  /** The invocation, which is made when it is first asked for: most calls need none. */
  get invocation(): Invocation {
    this.#invocation ??= rootInvocation(this.#environment.newInvocationId());
    return this.#invocation;
  }

  get signal(): AbortSignal {
    return this.#options.signal ?? this.#environment.closing;
  }

  /** @throws PlugbayError `canceled` or `timeout` when nobody waits for the call any more. */
  checkWanted(): void {
    const { signal, invocation } = this.#options;
    if (signal?.aborted) {
      throw this.failed(new PlugbayError('canceled', 'the call was canceled', { cause: signal.reason }));
    }
    const deadline = invocation?.deadline;
    if (deadline !== undefined && this.#environment.clock.now() > deadline) {
      throw this.failed(new PlugbayError('timeout', 'the deadline of the invocation has passed'));
    }
  }

  /**
   * Charges one call of the host. A call that has failed makes no more of them.
   * @throws PlugbayError `limit` beyond `hostCalls`, `canceled`, `timeout`, or what failed first.
   */
  countHostCall(): void {
    if (this.failure !== undefined) throw this.failure;
    this.#hostCalls += 1;
    const { hostCalls } = this.#environment.limits;
    if (this.#hostCalls > hostCalls) {
      throw this.failed(new PlugbayError('limit', `the call made more than ${hostCalls} host calls`));
    }
    this.checkWanted();
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
    const { logger, limits, plugin, tenant } = this.#environment;
    const dropped = this.logLines - limits.logLines;
    if (dropped <= 0) return;
    const line = `${dropped} log lines dropped: the call may write ${limits.logLines}`;
    try {
      logger.warn({ plugin, tenant, dropped }, line);
    } catch {
      // The call has its outcome already; a logger that throws does not change it.
    }
  }
}
