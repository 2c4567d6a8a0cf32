// Who has the thread: one fiber at a time, until it is done, asks its host for something or lets others have their turn.
import { CONTROL, type SharedLayout, SLOT } from '../layout.ts';
import type { Fiber } from './fiber.ts';

const NONE = -1;
const GO_ON = 1;
const END = 0;

/** The turns of one thread. */
export class Scheduler {
  readonly #shared: SharedLayout;
  /** The flag that guests look at, in shared memory. */
  readonly #flag: Int32Array;
  readonly #ready: Fiber[] = [];
  readonly #sleeping = new Set<Fiber>();
  #current: Fiber | undefined;
  #handOver: () => void = () => undefined;

  constructor(shared: SharedLayout, epoch: WebAssembly.Memory) {
    this.#shared = shared;
    this.#flag = new Int32Array(epoch.buffer);
  }

  /** The fiber that has the thread. */
  get current(): Fiber | undefined {
    return this.#current;
  }

  /** Gives the thread to a fiber, which does `work` first, until it hands over. */
  async give(fiber: Fiber, work: () => void): Promise<void> {
    this.#current = fiber;
    Atomics.add(this.#shared.control, CONTROL.turns, 1);
    Atomics.store(this.#shared.control, CONTROL.running, fiber.slot);
    // Whoever is not wanted any more learns it when it looks up.
    if (this.isUnwanted(fiber.slot)) Atomics.store(this.#flag, 0, 1);
    const over = new Promise<void>((resolve) => {
      this.#handOver = resolve;
    });
    work();
    await over;
    this.#current = undefined;
    Atomics.store(this.#shared.control, CONTROL.running, NONE);
  }

  /** Ends the turn of the fiber that has the thread. */
  handOver(): void {
    this.#handOver();
  }

  /** Whether the host has given up the call of a slot. */
  isUnwanted(slot: number): boolean {
    return Atomics.load(this.#shared.slots, this.#shared.wordAt(slot, SLOT.unwanted)) !== 0;
  }

  /** What a guest does that was told to look up and cannot be suspended. */
  lookUpNow(): number {
    Atomics.store(this.#flag, 0, 0);
    return this.#current !== undefined && this.isUnwanted(this.#current.slot) ? END : GO_ON;
  }

  /** What a guest does that was told to look up: others that wait have their turn first. */
  lookUpLater(): number | Promise<number> {
    const answer = this.lookUpNow();
    const fiber = this.#current;
    if (answer === END || fiber === undefined || !this.#othersWait()) return answer;
    const turn = new Promise<number>((resolve) => {
      fiber.goOn = () => resolve(this.isUnwanted(fiber.slot) ? END : GO_ON);
    });
    this.#ready.push(fiber);
    this.#countReady();
    this.#handOver();
    return turn;
  }

  /** As {@link lookUpLater}, for a guest that asks by itself: it goes on unless it was told to look up. */
  lookUpIfTold(): number | Promise<number> {
    return Atomics.load(this.#flag, 0) === 0 ? GO_ON : this.lookUpLater();
  }

  /** Blocks the thread for milliseconds, until the call that has it is given up. */
  block(ms: number): void {
    const { slots } = this.#shared;
    const slot = this.#current?.slot;
    if (slot !== undefined) Atomics.wait(slots, this.#shared.wordAt(slot, SLOT.unwanted), 0, ms);
  }

  /** Gives the thread up for milliseconds, unless the call that has it was given up: it goes on until it looks up. */
  later(ms: number): Promise<void> {
    const fiber = this.#current;
    if (fiber === undefined || this.isUnwanted(fiber.slot)) return Promise.resolve();
    const over = new Promise<void>((resolve) => {
      fiber.goOn = resolve;
    });
    fiber.wakesAt = performance.now() + ms;
    this.#sleeping.add(fiber);
    this.#countReady();
    this.#handOver();
    return over;
  }

  /** Ends a fiber's sleep, if it sleeps. */
  awaken(fiber: Fiber): void {
    if (this.#sleeping.delete(fiber)) this.#ready.push(fiber);
  }

  /** The next fiber that waits for its turn; undefined when none does. */
  next(): Fiber | undefined {
    if (this.#sleeping.size > 0) this.#awakenDue();
    const fiber = this.#ready.shift();
    if (fiber !== undefined) this.#countReady();
    return fiber;
  }

  /** Milliseconds until a fiber wakes; Infinity when none sleeps. */
  get restMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { wakesAt = earliest } of this.#sleeping) earliest = Math.min(earliest, wakesAt);
    return earliest - performance.now();
  }

  #awakenDue(): void {
    const now = performance.now();
    for (const fiber of this.#sleeping) if ((fiber.wakesAt ?? now) <= now) this.awaken(fiber);
  }

  #othersWait(): boolean {
    const { control } = this.#shared;
    if (this.#sleeping.size > 0) this.#awakenDue();
    return this.#ready.length > 0 || control[CONTROL.inboxHead] !== Atomics.load(control, CONTROL.inboxTail);
  }

  // Those that sleep as well: nobody but whoever has the thread can see that their time is over.
  #countReady(): void {
    Atomics.store(this.#shared.control, CONTROL.ready, this.#ready.length + this.#sleeping.size);
  }
}
