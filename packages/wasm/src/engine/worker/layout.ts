// The memory that a thread and its host share: where its words are, and what they mean. It is the contract between the two sides.

/** Calls that a thread can have at the same time, suspended ones included. 1,024 of them take 4 MB when all are in use. */
export const SLOTS = 1024;

/** Bytes of a slot: most calls' input and output whole; more goes by message, which takes ten times as long. */
const SLOT_BYTES = 4096;

/** Bytes of a slot before its data. */
const SLOT_HEADER_BYTES = 64;

/** Bytes of data that a slot can hold. */
export const SLOT_DATA_BYTES: number = SLOT_BYTES - SLOT_HEADER_BYTES;

/** Entries of a ring of slot numbers, a power of two: a slot is in it three times at most, to be served, to go on and to be ended. */
export const RING = 4096;

/** Words of a thread's control block, as indices of 32-bit words. */
export const CONTROL = {
  /** How often the host has put something into the inbox or posted a message; what the thread waits for. */
  wake: 9,
  inboxTail: 0,
  inboxHead: 1,
  outboxTail: 2,
  outboxHead: 3,
  /** 1 while the thread sleeps, so that nobody has to be woken otherwise. */
  asleep: 4,
  /** Messages that the host has posted, so that the thread looks for them before it goes on. */
  mail: 5,
  /** The slot whose guest is running; -1 when none is. */
  running: 6,
  /** Guests that wait for their turn on the thread, or sleep. */
  ready: 7,
  /** 1 once the thread is up. */
  up: 8,
  /** How often a guest has got the thread. */
  turns: 10,
} as const;

const CONTROL_WORDS = 16;

/** Words of a slot's header. */
export const SLOT = {
  /** One of {@link STATE}. */
  state: 0,
  /** What is in its data: one of {@link KIND}. */
  kind: 1,
  /** Of {@link FLAG}. */
  flags: 2,
  /** Which instance of which plugin serves the call; it is made for its first. */
  instance: 3,
  plugin: 9,
  /** 1 when nobody waits for the call any more. */
  unwanted: 4,
  /** Milliseconds that the call may take, rounded up; -1 for no such limit. */
  timeoutMs: 5,
  /** Units of fuel that the call took, in millions and the rest; -1 when nobody counted. */
  fuelHigh: 6,
  fuelLow: 7,
  /** How often the thread has said something in it: an entry of the outbox may be of what was said before. */
  said: 8,
} as const;

/** Where a slot's call is. */
export const STATE = {
  free: 0,
  /** The thread has not looked at it yet. */
  queued: 1,
  /** Its guest runs, or waits for its turn. */
  started: 2,
  /** Its guest has asked the host for something. */
  asking: 3,
  /** The host has answered. */
  answered: 4,
  done: 5,
} as const;

/** What is in a slot. */
export const KIND = {
  /** To the thread: a call. */
  call: 0,
  /** To the thread: makes the instance and does nothing else. */
  start: 1,
  /** To the host: a host call, or a host function. */
  hostCall: 2,
  hostFunction: 3,
  /** Either way: what was asked for, or that it failed. */
  answer: 4,
  failure: 5,
} as const;

/** What else is to be known of a slot; a set of bits. */
export const FLAG = {
  /** Its data is in a message. */
  spilled: 1,
  /** There are messages that belong to what it says. */
  mail: 2,
  /** The instance must not be called again. */
  spent: 4,
  /** The plugin gave no output, which is not the same as an empty one. */
  noOutput: 8,
  /** The thread is blocked until the answer is there. */
  blocking: 16,
  /** The instance could not be made. */
  unmade: 32,
} as const;

// Fuel is more than a word holds.
const MILLION = 1_000_000;

const CONTROL_BYTES: number = 4 * (CONTROL_WORDS + 2 * RING);

/** Bytes of the memory that a thread and its host share. */
export const SHARED_BYTES: number = CONTROL_BYTES + SLOTS * SLOT_BYTES;

/** One side's view of that memory. */
export class SharedLayout {
  readonly control: Int32Array<SharedArrayBuffer>;
  /** Slot numbers, from the host to the thread. */
  readonly inbox: Int32Array<SharedArrayBuffer>;
  /** Slot numbers, from the thread to the host. */
  readonly outbox: Int32Array<SharedArrayBuffer>;
  /** The headers of the slots: word `w` of slot `s` is at {@link wordAt}. */
  readonly slots: Int32Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_WORDS);
    this.inbox = new Int32Array(memory, 4 * CONTROL_WORDS, RING);
    this.outbox = new Int32Array(memory, 4 * (CONTROL_WORDS + RING), RING);
    this.slots = new Int32Array(memory, CONTROL_BYTES);
    this.bytes = new Uint8Array(memory, CONTROL_BYTES);
  }

  /** The index in {@link slots} of a word of a slot. */
  wordAt(slot: number, word: number): number {
    return (slot * SLOT_BYTES) / 4 + word;
  }

  /** The index in {@link bytes} of a slot's data. */
  dataAt(slot: number): number {
    return slot * SLOT_BYTES + SLOT_HEADER_BYTES;
  }

  get(slot: number, word: number): number {
    return this.slots[this.wordAt(slot, word)] as number;
  }

  set(slot: number, word: number, value: number): void {
    this.slots[this.wordAt(slot, word)] = value;
  }

  /** A slot's state, which both sides look at without a queue between them. */
  state(slot: number): number {
    return Atomics.load(this.slots, this.wordAt(slot, SLOT.state));
  }

  /** Takes a slot from one state to another, unless the other side was faster. */
  advance(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.slots, this.wordAt(slot, SLOT.state), from, to) === from;
  }

  setState(slot: number, state: number): void {
    Atomics.store(this.slots, this.wordAt(slot, SLOT.state), state);
  }

  /** Units of fuel that a slot's call took; undefined when nobody counted. */
  fuel(slot: number): number | undefined {
    const high = this.get(slot, SLOT.fuelHigh);
    return high < 0 ? undefined : high * MILLION + this.get(slot, SLOT.fuelLow);
  }

  setFuel(slot: number, fuel: number | undefined): void {
    this.set(slot, SLOT.fuelHigh, fuel === undefined ? -1 : Math.floor(fuel / MILLION));
    this.set(slot, SLOT.fuelLow, fuel === undefined ? 0 : fuel % MILLION);
  }
}
