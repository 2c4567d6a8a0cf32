// A call whose guest may be suspended: while it is, time and signals still end it, and the guest is unwound.
import type { PlugbayError, Timer } from '@plugbay/core';
import { canceledCall, RunningCall } from './running-call.ts';

/** A {@link RunningCall} of a plugin with asynchronous imports. */
export class SuspendableCall extends RunningCall {
  /** Told when the call has failed before its guest was done. */
  onEarly: ((error: PlugbayError) => void) | undefined = undefined;
  /** Where its plugin keeps it while it goes on; -1 while it does not. */
  place = -1;
  #controller: AbortController | undefined;
  #timer: Timer | undefined;
  #onAbort: (() => void) | undefined;

  /** Aborted when the call ends before the plugin has answered. */
  override get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.failure !== undefined && !this.#controller.signal.aborted) this.#controller.abort(this.failure);
    return this.#controller.signal;
  }

  /** Starts to watch the call's time and signal. */
  watch(): void {
    const { signal } = this.options;
    const left = this.remainingMs();
    if (left !== Number.POSITIVE_INFINITY) {
      this.#timer = this.environment.clock.timer(Math.max(0, left), () => this.endEarly(this.lateError()));
    }
    if (signal === undefined) return;
    this.#onAbort = () => this.endEarly(canceledCall(signal.reason));
    signal.addEventListener('abort', this.#onAbort);
  }

  /** Fails the call: whoever answers its guest is told to stop. */
  endEarly(error: PlugbayError): void {
    if (this.ended) return;
    const failure = this.failed(error);
    this.#controller?.abort(failure);
    this.onEarly?.(failure);
    this.unwind?.(failure);
  }

  override end(): void {
    this.#timer?.cancel();
    if (this.#onAbort !== undefined) this.options.signal?.removeEventListener('abort', this.#onAbort);
    super.end();
  }
}
