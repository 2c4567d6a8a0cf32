// A call on its way through a thread, as the host sees it.
import { AsyncResource } from 'node:async_hooks';
import type { PlugbayError } from '@plugbay/core';
import type { SuspendableCall } from '../../abi/suspendable-call.ts';
import type { Entry } from '../fair-queue.ts';
import type { KIND } from './layout.ts';
import type { Part } from './parcel.ts';
import type { RemoteInstance } from './remote-instance.ts';
import type { Thread } from './thread.ts';

/** How a thread answered. */
export interface Answer {
  /** The output; empty for a start. */
  readonly output: Uint8Array;
  readonly fuel: number | undefined;
}

/** Told what has become of a call: the thread's answer, or why there is none. */
export type Outcome = (answer: Answer | undefined, error?: PlugbayError) => void;

/** One call. Its outcome is told once; what a thread says later is nobody's. */
export class Task {
  readonly instance: RemoteInstance;
  readonly call: SuspendableCall;
  readonly kind: typeof KIND.call | typeof KIND.start;
  readonly name: string;
  readonly input: Part;
  /** Where its watchdog keeps it. */
  place = -1;
  /** Where it waits for its thread; undefined before it does. */
  entry: Entry<Task> | undefined = undefined;
  /** Where it was submitted last; undefined before. */
  thread: Thread | undefined = undefined;
  /** Where it is on its thread; -1 while it is on none. */
  slot = -1;
  /** How many threads have ended before they began it. */
  moves = 0;
  /** Whether its guest waits for the host, and nobody else is kept from the thread by it. */
  asking = false;
  /** When it may no longer run, in monotonic milliseconds; set when it is handed to a thread. */
  dueAt: number = Number.POSITIVE_INFINITY;
  readonly #outcome: Outcome;
  // Made where the call is made, because threads are heard as part of nothing, or of somebody else's call.
  readonly #caller = new AsyncResource('PlugbayCall');
  #thrown: unknown[] | undefined;
  #settled = false;

  constructor(
    instance: RemoteInstance,
    call: SuspendableCall,
    kind: typeof KIND.call | typeof KIND.start,
    name: string,
    input: Part,
    outcome: Outcome,
  ) {
    this.instance = instance;
    this.call = call;
    this.kind = kind;
    this.name = name;
    this.input = input;
    this.#outcome = outcome;
  }

  /** Does `work` as part of what made the call. */
  asCaller<T>(work: () => T): T {
    return this.#caller.runInAsyncScope(work);
  }

  /** Whether its outcome has been told. */
  get settled(): boolean {
    return this.#settled;
  }

  succeed(answer: Answer): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#outcome(answer);
  }

  fail(error: PlugbayError): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#outcome(undefined, error);
  }

  /** Keeps what the host threw while the guest hears of it; its number. */
  keep(thrown: unknown): number {
    this.#thrown ??= [];
    return this.#thrown.push(thrown) - 1;
  }

  /** What the host threw, by its number. */
  hostError(number: number): unknown {
    return this.#thrown?.[number];
  }
}
