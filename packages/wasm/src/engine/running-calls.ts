// The calls of a plugin that are under way, and how it waits for them when it is closed.
import type { CallOptions, Clock } from '@plugbay/core';
import { closedError } from '../abi/closing.ts';
import type { SuspendableCall } from '../abi/suspendable-call.ts';
import { Bag } from './bag.ts';

/** How a plugin's first instance starts when nothing else is said: ten seconds are longer than any runtime takes to initialise. */
export const START_OPTIONS: CallOptions = Object.freeze({ timeoutMs: 10_000 });

/** Those of one plugin. */
export class RunningCalls {
  readonly #calls = new Bag<SuspendableCall>();
  #idle: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  begin(call: SuspendableCall): void {
    this.#calls.add(call);
  }

  /** A call has its outcome. */
  end(call: SuspendableCall): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) this.#onIdle?.();
  }

  /** Waits until all of them have ended, for `drainMs` milliseconds by themselves. No more of them may begin. */
  async drained(drainMs: number, clock: Clock): Promise<void> {
    if (this.#calls.size === 0) return;
    this.#idle ??= new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const timer = clock.timer(drainMs, () => {
      for (const call of this.#calls) call.endEarly(closedError());
    });
    await this.#idle;
    timer.cancel();
  }
}
