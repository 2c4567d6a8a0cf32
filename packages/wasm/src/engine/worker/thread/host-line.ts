// A thread's line to its host: what fibers ask for, what they answer, and messages.
import { receiveMessageOnPort } from 'node:worker_threads';
import { isPlugbayError, PlugbayError } from '@plugbay/core';
import { packError, unpackThrown } from '../failure.ts';
import { CONTROL, FLAG, KIND, type SharedLayout, SLOT, STATE } from '../layout.ts';
import type { Order, ThreadStart, ToHost, ToThread } from '../messages.ts';
import { type Part, readParcel, SHARED_BYTES, writeParcel } from '../parcel.ts';
import { Ring } from '../ring.ts';
import type { Fiber } from './fiber.ts';
import type { Scheduler } from './scheduler.ts';
import { unwanted } from './thread-call.ts';

/** What a fiber asks its host for: {@link KIND}. */
export type Question = typeof KIND.hostCall | typeof KIND.hostFunction;

const BELL = 0;

/** One thread's line. */
export class HostLine {
  readonly #shared: SharedLayout;
  readonly #scheduler: Scheduler;
  readonly #outbox: Ring;
  readonly #bell: Int32Array;
  readonly #port: ThreadStart['port'];
  readonly #onMessage: (message: Order) => void;
  readonly #spilled = new Map<number, readonly Uint8Array[]>();
  // The host's own errors that went through here, by what the host knows them.
  readonly #hostErrors = new WeakMap<object, number>();
  // Exchange memories that the host knows.
  readonly #attached = new WeakSet<WebAssembly.Memory>();
  #mailSeen = 0;
  // Whether this slot's next word comes with messages.
  #posted = false;

  constructor(
    start: ThreadStart,
    shared: SharedLayout,
    scheduler: Scheduler,
    onMessage: (message: Order) => void,
  ) {
    this.#shared = shared;
    this.#scheduler = scheduler;
    this.#outbox = new Ring(shared.outbox, shared.control, CONTROL.outboxTail, CONTROL.outboxHead);
    this.#bell = new Int32Array(start.bell);
    this.#port = start.port;
    this.#onMessage = onMessage;
  }

  /** Posts a message. What a slot says next waits for it on the other side. */
  post(message: ToHost, transfer: ArrayBuffer[] = []): void {
    this.#posted = true;
    this.#port.postMessage(message, transfer);
  }

  /** Lets the host's functions work on an exchange memory, that of the instance of the fiber that has the thread. */
  attach(memory: WebAssembly.Memory): void {
    if (this.#attached.has(memory)) return;
    const fiber = this.#scheduler.current;
    if (fiber === undefined) throw nobody();
    this.#attached.add(memory);
    this.post({ type: 'exchange', instance: this.#shared.get(fiber.slot, SLOT.instance), memory });
  }

  /** Takes the host's messages, if there are any. */
  collect(): void {
    const mail = Atomics.load(this.#shared.control, CONTROL.mail);
    if (mail === this.#mailSeen) return;
    this.#mailSeen = mail;
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: ToThread } | undefined;
      if (received === undefined) return;
      const { message } = received;
      if (message.type === 'spill') this.#spilled.set(message.slot, message.parts);
      else this.#onMessage(message);
    }
  }

  /** What the host has put into a slot. */
  read(slot: number): readonly Uint8Array[] {
    if ((this.#shared.get(slot, SLOT.flags) & FLAG.spilled) === 0)
      return readParcel(this.#shared, slot, SHARED_BYTES);
    this.collect();
    const parts = this.#spilled.get(slot);
    this.#spilled.delete(slot);
    if (parts === undefined) throw new PlugbayError('internal', 'the rest of a call did not arrive');
    return parts;
  }

  /** Answers a slot's call. */
  done(slot: number, kind: number, flags: number, parts: readonly Part[]): void {
    this.#say(slot, STATE.done, kind, flags, parts);
  }

  /** The text of an error, for the host. */
  pack(error: unknown): string {
    const known = isPlugbayError(error) ? error : new PlugbayError('internal', String(error));
    return packError(known, (each) => this.#hostErrors.get(each as object));
  }

  /** Asks for something; the fiber that has the thread hands over until it is answered. */
  askLater(kind: Question, parts: readonly Part[]): Promise<readonly Uint8Array[]> {
    const fiber = this.#scheduler.current;
    if (fiber === undefined) throw nobody();
    const answer = new Promise<readonly Uint8Array[]>((resolve, reject) => {
      fiber.resume = (answered) => {
        fiber.resume = undefined;
        try {
          resolve(this.#accepted(fiber, answered));
        } catch (error) {
          reject(error);
        }
      };
    });
    this.#say(fiber.slot, STATE.asking, kind, 0, parts);
    this.#scheduler.handOver();
    return answer;
  }

  /** Asks for something and blocks this thread until it is answered: the host does so, or says in time that nobody waits any more. */
  askNow(kind: Question, parts: readonly Part[]): readonly Uint8Array[] {
    const fiber = this.#scheduler.current;
    if (fiber === undefined) throw nobody();
    const { slot } = fiber;
    this.#say(slot, STATE.asking, kind, FLAG.blocking, parts);
    const word = this.#shared.wordAt(slot, SLOT.state);
    while (this.#shared.state(slot) === STATE.asking) Atomics.wait(this.#shared.slots, word, STATE.asking);
    if (this.#scheduler.isUnwanted(slot)) {
      this.forgo(fiber);
      throw unwanted();
    }
    this.#shared.setState(slot, STATE.started);
    // What the host posted before its answer holds from here on.
    this.collect();
    return this.#accepted(fiber, this.read(slot));
  }

  /** Takes the news that came with an answer which nobody wants any more: the host does not tell them again. */
  forgo({ slot, hear }: Fiber): void {
    const kind = this.#shared.get(slot, SLOT.kind);
    if (kind === KIND.answer || kind === KIND.failure) hear(this.read(slot)[0] as Uint8Array);
  }

  #accepted({ slot, hear }: Fiber, parts: readonly Uint8Array[]): readonly Uint8Array[] {
    hear(parts[0] as Uint8Array);
    if (this.#shared.get(slot, SLOT.kind) !== KIND.failure) return parts;
    const { thrown, number } = unpackThrown(Buffer.from(parts[1] as Uint8Array).toString());
    if (number !== undefined) this.#hostErrors.set(thrown, number);
    throw thrown;
  }

  #say(slot: number, state: number, kind: number, flags: number, parts: readonly Part[]): void {
    this.#shared.set(slot, SLOT.kind, kind);
    const mail = this.#posted ? FLAG.mail : 0;
    writeParcel(this.#shared, slot, flags | mail, parts, (message) =>
      this.#port.postMessage(
        message,
        message.parts.map(({ buffer }) => buffer as ArrayBuffer),
      ),
    );
    this.#posted = false;
    this.#shared.set(slot, SLOT.said, this.#shared.get(slot, SLOT.said) + 1);
    this.#shared.setState(slot, state);
    this.#outbox.push(slot);
    Atomics.add(this.#bell, BELL, 1);
    Atomics.notify(this.#bell, BELL);
  }
}

function nobody(): PlugbayError {
  return new PlugbayError('internal', 'a guest asked for something outside of a call');
}
