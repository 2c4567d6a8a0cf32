// What one plugin may have of blocks and variables, counted as the SDK does, on whichever thread its instance is.
import { PAGE_BYTES, PlugbayError } from '@plugbay/core';
import { EXCHANGE_MAX_BYTES, type Exchange } from '../exchange.ts';
import { LimitedVariables } from './variables.ts';

/** The limits that the SDK counts in its own way; plain data, so that another thread can have them. */
export interface SdkLimits {
  /** Pages of 64 KiB that all live blocks may have; undefined for as many as there can be. */
  readonly maxPages: number | undefined;
  /** Bytes that the values of all variables may have; undefined for no limit. */
  readonly maxVarBytes: number | undefined;
}

/** Holds one plugin to its {@link SdkLimits}. */
export class Allowance {
  /** The exchange memory of the call that is running; undefined when none is. */
  running: Exchange | undefined = undefined;
  readonly variables: LimitedVariables;
  readonly #maxPages: number;
  readonly #complain: (text: string) => void;

  /** `complain` is told what the plugin was refused, for the app's log. */
  constructor({ maxPages, maxVarBytes }: SdkLimits, complain: (text: string) => void) {
    this.#maxPages = maxPages ?? EXCHANGE_MAX_BYTES / PAGE_BYTES;
    this.#complain = complain;
    this.variables = new LimitedVariables(maxVarBytes ?? Number.POSITIVE_INFINITY, (message) =>
      this.#failCall(message),
    );
  }

  /** Bytes that all live blocks may have. */
  get maxBytes(): number {
    return this.#maxPages * PAGE_BYTES;
  }

  /** Why blocks of `bytes` in all are more than there may be. */
  refusalOf(bytes: number): string {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    return `memory limit exceeded: ${pages} pages requested, ${this.#maxPages} allowed`;
  }

  /** Says that blocks of `bytes` in all are more than there may be. */
  complainOf(bytes: number): void {
    this.#complain(this.refusalOf(bytes));
  }

  #failCall(message: string): void {
    this.#complain(message);
    if (this.running === undefined) throw new PlugbayError('limit', message);
    this.running.setError(message);
  }
}
