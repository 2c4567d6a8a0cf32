// What one plugin's calls have in common.
import { PAGE_BYTES, PlugbayError } from '@plugbay/core';
import { EXCHANGE_MAX_BYTES, type Exchange } from '../../abi/extism/exchange.ts';
import { CallContext } from './call-context.ts';
import type { PluginLog } from './logger.ts';
import { LimitedVariables } from './variables.ts';

/** One open plugin. */
export class Session {
  readonly log: PluginLog;
  readonly variables: LimitedVariables;
  /** Pages of 64 KiB that all live blocks may have. */
  readonly maxPages: number;
  /** The exchange memory of the call that is running; undefined when none is. */
  running: Exchange | undefined = undefined;
  // By exchange memory, because a call that was given up may still act on its own.
  readonly #contexts = new WeakMap<Exchange, CallContext>();

  constructor(log: PluginLog, maxPages: number | undefined, maxVarBytes: number | undefined) {
    this.log = log;
    this.maxPages = maxPages ?? EXCHANGE_MAX_BYTES / PAGE_BYTES;
    this.variables = new LimitedVariables(maxVarBytes ?? Number.POSITIVE_INFINITY, (message) =>
      this.#failCall(message),
    );
  }

  /** Bytes that all live blocks may have. */
  get maxBytes(): number {
    return this.maxPages * PAGE_BYTES;
  }

  /** What host functions of the instance with this exchange memory are given. */
  contextOf(exchange: Exchange): CallContext {
    const known = this.#contexts.get(exchange);
    if (known !== undefined) return known;
    const context = new CallContext(this, exchange);
    this.#contexts.set(exchange, context);
    return context;
  }

  /** Says that blocks of `bytes` in all are more than there may be. */
  complainOf(bytes: number): string {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    const message = `memory limit exceeded: ${pages} pages requested, ${this.maxPages} allowed`;
    this.log.complain(message);
    return message;
  }

  #failCall(message: string): void {
    this.log.complain(message);
    if (this.running === undefined) throw new PlugbayError('limit', message);
    this.running.setError(message);
  }
}
