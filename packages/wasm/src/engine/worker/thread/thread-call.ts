// The call that a thread's instance serves. Time and signals are watched by the host, which says so in the call's slot.
import { type CallOptions, type Invocation, PlugbayError } from '@plugbay/core';
import type { Environment } from '../../../abi/environment.ts';
import { SuspendableCall } from '../../../abi/suspendable-call.ts';

// The host knows the real ones: what goes through its door gets them there.
const HOSTS_OWN: Invocation = Object.freeze({ id: '', depth: 0 });
const NEVER = new AbortController().signal;

/** A {@link SuspendableCall} that asks its slot whether somebody waits for it. */
export class ThreadCall extends SuspendableCall {
  readonly #isUnwanted: () => boolean;

  constructor(environment: Environment, options: CallOptions, isUnwanted: () => boolean) {
    super(environment, options);
    this.#isUnwanted = isUnwanted;
  }

  override get invocation(): Invocation {
    return HOSTS_OWN;
  }

  override get signal(): AbortSignal {
    return NEVER;
  }

  override checkWanted(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.#isUnwanted()) throw this.failed(unwanted());
    super.checkWanted();
  }
}

/** The error of a call that the host has ended; nobody gets to see it. */
export function unwanted(): PlugbayError {
  return new PlugbayError('canceled', 'nobody waits for the call any more');
}
