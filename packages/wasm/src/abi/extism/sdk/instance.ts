// One instance as the SDK shows it: what it counts, what it keeps between calls, and the texts of its errors.
import { isPlugbayError } from '@plugbay/core';
import type { Instance } from '../../abi.ts';
import type { RunningCall } from '../../running-call.ts';
import type { SuspendableCall } from '../../suspendable-call.ts';
import type { Exchange } from '../exchange.ts';
import type { ExtismInstance } from '../instance.ts';
import type { Allowance } from './allowance.ts';
import { refusedError, reportedError } from './errors.ts';

type Input = Uint8Array | string | undefined;

/** An instance. Its exchange memory is never the reason to replace it, because plugins for the SDK keep state in their own. */
export class SdkInstance implements Instance {
  readonly #instance: ExtismInstance;
  readonly #exchange: Exchange;
  readonly #allowance: Allowance;

  constructor(instance: ExtismInstance, allowance: Allowance) {
    this.#instance = instance;
    this.#exchange = instance.state.exchange;
    this.#allowance = allowance;
    instance.retainedBytes = Number.POSITIVE_INFINITY;
    instance.state.keepsHttp = true;
    this.#exchange.keepValues();
    this.#exchange.limitContent(allowance.maxBytes);
  }

  /** The main module's exports, with those that it got when it was rewritten. */
  get exports(): Readonly<Record<string, unknown>> {
    return this.#instance.exports;
  }

  get spent(): boolean {
    return this.#instance.spent;
  }

  invoke(name: string, input: Input, call: RunningCall): Uint8Array {
    this.#allowance.running = this.#exchange;
    try {
      return this.#instance.invoke(name, input, call);
    } catch (error) {
      throw this.#told(error, call);
    } finally {
      this.#end();
    }
  }

  invokeAsync(name: string, input: Input, call: SuspendableCall): Promise<Uint8Array> {
    this.#allowance.running = this.#exchange;
    const fail = (error: unknown): never => {
      throw this.#told(error, call);
    };
    try {
      return this.#instance
        .invokeAsync(name, input, call)
        .catch(fail)
        .finally(() => this.#end());
    } catch (error) {
      const told = this.#told(error, call);
      this.#end();
      throw told;
    }
  }

  abandon(): void {
    this.#instance.abandon();
    this.#stop();
  }

  dispose(): void {
    this.#instance.dispose();
  }

  // While the exchange memory still says what happened.
  #told(error: unknown, call: RunningCall): unknown {
    const bytes = this.#exchange.refusedContent;
    const reported = reportedError(error, this.#exchange.error());
    const told = bytes === undefined ? reported : refusedError(reported, this.#allowance.refusalOf(bytes));
    // Engines believe what the call remembers before what was thrown.
    if (call.failure === error && isPlugbayError(told)) call.failure = told;
    return told;
  }

  #end(): void {
    const bytes = this.#exchange.refusedContent;
    if (bytes !== undefined) this.#allowance.complainOf(bytes);
    this.#stop();
  }

  // The next call may be running already, in another instance.
  #stop(): void {
    if (this.#allowance.running === this.#exchange) this.#allowance.running = undefined;
  }
}
