// A call on its way through a thread, as the host sees it.
import type { PlugbayError } from '@plugbay/core';
import type { SuspendableCall } from '../../abi/suspendable-call.ts';
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

/** What becomes of a call. */
export interface Outcome {
  /** The thread has answered. */
  succeed(answer: Answer): void;
  /** @param error why there is no answer. */
  fail(error: PlugbayError): void;
}

/** One call. Its outcome is told once; what a thread says later is nobody's. */
export class Task {
  readonly instance: RemoteInstance;
  readonly call: SuspendableCall;
  readonly kind: typeof KIND.call | typeof KIND.start;
  readonly name: string;
  readonly input: Part;
  /** Where it was submitted last; undefined before. */
  thread: Thread | undefined = undefined;
  /** Where it is on its thread; -1 while it is on none. */
  slot = -1;
  /** Whether its guest waits for the host, and nobody else is kept from the thread by it. */
  asking = false;
  /** When it may no longer run, in monotonic milliseconds; set when it is handed to a thread. */
  dueAt: number = Number.POSITIVE_INFINITY;
  readonly #outcome: Outcome;
  readonly #hostErrors: PlugbayError[] = [];
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

  /** Whether its outcome has been told. */
  get settled(): boolean {
    return this.#settled;
  }

  succeed(answer: Answer): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#outcome.succeed(answer);
  }

  fail(error: PlugbayError): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#outcome.fail(error);
  }

  /** Keeps an error of the host's own while the guest hears of it; its number. */
  keep(error: PlugbayError): number {
    return this.#hostErrors.push(error) - 1;
  }

  /** The error with this number. */
  hostError(number: number): PlugbayError | undefined {
    return this.#hostErrors[number];
  }
}
