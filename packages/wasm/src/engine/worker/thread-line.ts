// The host's line to one thread: slots, rings, messages.
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { PlugbayError } from '@plugbay/core';
import { CONTROL, FLAG, RING, SHARED_BYTES, SharedLayout, SLOT, SLOTS, STATE } from './layout.ts';
import type { News, ThreadStart, ToHost, ToThread } from './messages.ts';
import { OWN_BYTES, type Part, readParcel, writeParcel } from './parcel.ts';
import { Ring } from './ring.ts';

const EPOCH_PAGES = 1;

/** What a thread has said in a slot. */
export interface Word {
  readonly state: number;
  readonly flags: number;
  readonly parts: readonly Uint8Array[];
}

/** One thread's line, as its host has it. */
export class ThreadLine {
  /** What the thread is started with; its port goes along. */
  readonly start: ThreadStart;
  readonly shared: SharedLayout;
  readonly #flag: Int32Array;
  readonly #inbox: Ring;
  readonly #outbox: Ring;
  readonly #port: MessagePort;
  readonly #onNews: (news: News) => void;
  readonly #spilled = new Map<number, readonly Uint8Array[]>();
  // How often each slot had been used to say something when it was heard last.
  readonly #said = new Int32Array(SLOTS);
  #closed = false;

  constructor(bell: SharedArrayBuffer, onNews: (news: News) => void) {
    const memory = new SharedArrayBuffer(SHARED_BYTES);
    const epoch = new WebAssembly.Memory({ initial: EPOCH_PAGES, maximum: EPOCH_PAGES, shared: true });
    const { port1, port2 } = new MessageChannel();
    this.start = { shared: memory, bell, epoch, port: port2 };
    this.shared = new SharedLayout(memory);
    this.#flag = new Int32Array(epoch.buffer);
    const { control, inbox, outbox } = this.shared;
    this.#inbox = new Ring(inbox, control, CONTROL.inboxTail, CONTROL.inboxHead);
    this.#outbox = new Ring(outbox, control, CONTROL.outboxTail, CONTROL.outboxHead);
    this.#onNews = onNews;
    this.#port = port1;
    this.#port.on('message', (message: ToHost) => this.#take(message));
    this.#port.unref();
  }

  /** Whether the thread has come up. */
  get up(): boolean {
    return Atomics.load(this.shared.control, CONTROL.up) === 1;
  }

  /** Waits until the thread has come up, or this side hangs up. */
  async whenUp(): Promise<void> {
    const woken = Atomics.waitAsync(this.shared.control, CONTROL.up, 0);
    if (woken.async) await woken.value;
  }

  /** The slot whose guest is running; -1 when none is. */
  get running(): number {
    return Atomics.load(this.shared.control, CONTROL.running);
  }

  /** How often a guest has got the thread. */
  get turns(): number {
    return Atomics.load(this.shared.control, CONTROL.turns);
  }

  /** Whether somebody waits for a turn: guests that look up for each other or sleep, and what the thread has not looked at. */
  get awaited(): boolean {
    return Atomics.load(this.shared.control, CONTROL.ready) > 0 || !this.#inbox.empty;
  }

  /** Makes whoever runs look up from its work. */
  lookUp(): void {
    Atomics.store(this.#flag, 0, 1);
  }

  /** Puts parts into a slot that is the host's now. */
  put(slot: number, kind: number, parts: readonly Part[]): void {
    this.shared.set(slot, SLOT.kind, kind);
    writeParcel(this.shared, slot, 0, parts, (message) =>
      this.post(
        message,
        message.parts.map(({ buffer }) => buffer as ArrayBuffer),
        'next',
      ),
    );
  }

  /** Hands a slot to the thread; `blocked` when its guest blocks the thread until then, so that nobody there reads the inbox. */
  send(slot: number, state: number, blocked = false): void {
    this.shared.setState(slot, state);
    if (blocked) Atomics.notify(this.shared.slots, this.shared.wordAt(slot, SLOT.state));
    else this.remind(slot);
  }

  /** Makes the thread look at a slot. */
  remind(slot: number): void {
    this.#inbox.push(slot);
    this.#wake();
  }

  /** Says that nobody waits for a slot's call any more, also to a guest that blocks the thread to sleep. */
  giveUp(slot: number): void {
    const word = this.shared.wordAt(slot, SLOT.unwanted);
    Atomics.store(this.shared.slots, word, 1);
    Atomics.notify(this.shared.slots, word);
  }

  /** Posts a message, which the thread takes at once, or before it looks at the next slot. */
  post(message: ToThread, transfer: readonly ArrayBuffer[] = [], when: 'now' | 'next' = 'now'): void {
    if (this.#closed) return;
    this.#port.postMessage(message, transfer);
    Atomics.add(this.shared.control, CONTROL.mail, 1);
    if (when === 'now') this.#wake();
  }

  /** The next slot in which the thread has said something; -1 when there is none. */
  next(): number {
    return this.#outbox.pop();
  }

  /** What a slot says; undefined when that was heard before, or is nothing any more. */
  hear(slot: number): Word | undefined {
    const said = this.shared.get(slot, SLOT.said);
    const state = this.shared.state(slot);
    if (said === this.#said[slot] || (state !== STATE.asking && state !== STATE.done)) return undefined;
    this.#said[slot] = said;
    const flags = this.shared.get(slot, SLOT.flags);
    if ((flags & (FLAG.mail | FLAG.spilled)) !== 0) this.#collect();
    return { state, flags, parts: this.#read(slot, flags) };
  }

  /** Hangs up. */
  close(): void {
    this.#closed = true;
    Atomics.notify(this.shared.control, CONTROL.up);
    this.#port.close();
  }

  #read(slot: number, flags: number): readonly Uint8Array[] {
    if ((flags & FLAG.spilled) === 0) return readParcel(this.shared, slot, OWN_BYTES);
    const parts = this.#spilled.get(slot);
    this.#spilled.delete(slot);
    if (parts === undefined) throw new PlugbayError('internal', 'the rest of an answer did not arrive');
    return parts;
  }

  #collect(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: ToHost } | undefined;
      if (received === undefined) return;
      this.#take(received.message);
    }
  }

  #take(message: ToHost): void {
    if (message.type === 'spill') this.#spilled.set(message.slot, message.parts);
    else this.#onNews(message);
  }

  #wake(): void {
    const { control } = this.shared;
    Atomics.add(control, CONTROL.wake, 1);
    if (Atomics.load(control, CONTROL.asleep) === 1) Atomics.notify(control, CONTROL.wake);
  }
}

/** Everything that a thread can have said at once. */
export const EVERYTHING: number = RING;
