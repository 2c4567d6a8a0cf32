// What one plugin's calls have in common on the app's side: its log, its variables, and what its host functions are given.
import type { Exchange } from '../../abi/extism/exchange.ts';
import type { Allowance } from '../../abi/extism/sdk/allowance.ts';
import type { Variables } from '../../abi/variables.ts';
import { CallContext } from './call-context.ts';
import type { Frame } from './frame.ts';
import type { PluginLog } from './logger.ts';

/** One open plugin. */
export class Session {
  readonly log: PluginLog;
  readonly allowance: Allowance;
  readonly variables: Variables;
  // By exchange memory, because a call that was given up may still act on its own.
  readonly #contexts = new WeakMap<Exchange, CallContext>();
  #served: CallContext | undefined;
  // The exchange memory that host functions saw last: nobody has seen anything of the others.
  #latest: Exchange | undefined;

  /** `variables` are those of `allowance`, or what keeps them alike on several threads. */
  constructor(log: PluginLog, allowance: Allowance, variables: Variables = allowance.variables) {
    this.log = log;
    this.allowance = allowance;
    this.variables = variables;
  }

  /** What a host function of the instance with this exchange memory is given during a call. */
  serve(exchange: Exchange, frame: Frame): CallContext {
    const context = this.#contextOf(exchange);
    context.serve(frame);
    this.#served = context;
    this.#latest = exchange;
    this.allowance.running = exchange;
    return context;
  }

  /** The call is over: host functions that kept their context have none of it any more. */
  leave(frame: Frame): void {
    if (this.#served?.serves(frame) !== true) return;
    this.#served.serve(undefined);
    this.#served = undefined;
    this.allowance.running = undefined;
  }

  /** Forgets every block that a host function can have seen. No call may be running. */
  forget(): void {
    this.#latest?.begin(undefined);
  }

  #contextOf(exchange: Exchange): CallContext {
    const known = this.#contexts.get(exchange);
    if (known !== undefined) return known;
    const context = new CallContext(this, exchange);
    this.#contexts.set(exchange, context);
    return context;
  }
}
