// A plugin's linked modules, whose instances are as the SDK shows them.
import { isPlugbayError, type PlugbayError } from '@plugbay/core';
import type { LinkedModule } from '../../abi.ts';
import type { RunningCall } from '../../running-call.ts';
import type { Starting } from '../../starting.ts';
import type { LinkedExtism } from '../linked.ts';
import type { Allowance } from './allowance.ts';
import { reportedError } from './errors.ts';
import { SdkInstance } from './instance.ts';

/** Linked modules within an {@link Allowance}. */
export class SdkModule implements LinkedModule {
  readonly names: readonly string[];
  readonly asynchronous: readonly string[];
  readonly #linked: LinkedExtism;
  readonly #allowance: Allowance;

  constructor(linked: LinkedExtism, allowance: Allowance) {
    this.#linked = linked;
    this.#allowance = allowance;
    this.names = linked.names;
    this.asynchronous = linked.asynchronous;
  }

  has(name: string): boolean {
    return this.#linked.has(name);
  }

  refusal(name: string): PlugbayError {
    return this.#linked.refusal(name);
  }

  *start(call: RunningCall): Starting<SdkInstance> {
    try {
      return new SdkInstance(yield* this.#linked.start(call), this.#allowance);
    } catch (error) {
      // Whatever the error of a plugin is while it starts, it is its own text.
      throw reportedError(error, isPlugbayError(error) ? error.message : undefined);
    }
  }
}
