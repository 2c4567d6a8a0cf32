// Which plugins a piece of asynchronous code was called by, so that a plugin is not made to wait for itself.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { RunningCall } from '../abi/running-call.ts';

/** A call on the way from the app to where we are. It may be over: code that it started can outlive it. */
interface Link {
  readonly plugin: object;
  readonly call: RunningCall;
  parent: Link | undefined;
}

/** The calls on the way to the code that asks. */
export class CallChain {
  readonly #storage = new AsyncLocalStorage<Link>();

  /** Does `work` as part of a call of `plugin`. */
  run<T>(plugin: object, call: RunningCall, work: () => T): T {
    return this.#storage.run({ plugin, call, parent: goingOn(this.#storage.getStore()) }, work);
  }

  /** Whether this code is part of a call of `plugin` that goes on. */
  includes(plugin: object): boolean {
    for (let link = this.#storage.getStore(); link !== undefined; link = link.parent)
      if (link.plugin === plugin && !link.call.ended) return true;
    return false;
  }
}

// Without the calls that are over: code that always starts the next call would else keep all of them for ever.
function goingOn(link: Link | undefined): Link | undefined {
  let first = link;
  while (first?.call.ended) first = first.parent;
  for (let each = first; each !== undefined; each = each.parent)
    while (each.parent?.call.ended) each.parent = each.parent.parent;
  return first;
}
