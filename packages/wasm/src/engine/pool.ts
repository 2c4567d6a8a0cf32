// The instances of one plugin: who gets one, in which order, and when one is thrown away.
import type { Clock, PlugbayError, PluginStats, PoolSettings, Timer } from '@plugbay/core';
import { Queue, type Turn } from './queue.ts';

/** What a pool keeps: something that serves one call at a time. */
export interface Pooled {
  /** Whether it must not serve another call. */
  readonly spent: boolean;
  /** Lets go of what it holds beside memory. */
  dispose(): void;
}

/** Makes what a pool keeps, at once; it may run the plugin's code, and throw. */
export interface Maker<T extends Pooled> {
  make(): T;
}

/** An instance that somebody has, until it is given back with {@link InstancePool.release}. */
export interface Lease<T extends Pooled> {
  readonly instance: T;
  /** Calls it has served. */
  uses: number;
  /** When it was given back last, in monotonic milliseconds. */
  idleSince: number;
  /**
   * Whether its holder is done with it, from right before {@link InstancePool.release} until it is back. A stack that ends in between
   * leaves it so: a guest can call its host with next to nothing left.
   */
  over: boolean;
}

/** A plugin's instances. A pool belongs to one plugin of one tenant and is never handed on. */
export class InstancePool<T extends Pooled> {
  readonly #settings: PoolSettings;
  readonly #clock: Clock;
  readonly #maker: Maker<T>;
  // The last one given back, which is taken first: its memory is warm, and the others grow old enough to be dropped.
  #warm: Lease<T> | undefined;
  // The others that are idle, in the order in which they were given back.
  readonly #idle: Lease<T>[] = [];
  // All of them, idle or not. Replaced and not grown, because most pools have one and an array that grew has room for more.
  #leases: readonly Lease<T>[] = [];
  // Made when somebody has to wait.
  #queue: Queue<Lease<T>> | undefined;
  #instances = 0;
  #calls = 0;
  #created = 0;
  #discarded = 0;
  #closed = false;
  #sweep: Timer | undefined;
  #ahead: NodeJS.Immediate | undefined;

  constructor(settings: PoolSettings, clock: Clock, maker: Maker<T>) {
    this.#settings = settings;
    this.#clock = clock;
    this.#maker = maker;
  }

  get stats(): PluginStats {
    return {
      instances: this.#instances,
      busy: this.#instances - this.#idleCount,
      waiting: this.#waiting,
      calls: this.#calls,
      created: this.#created,
      discarded: this.#discarded,
    };
  }

  /** Makes an instance and keeps it, so that one that cannot start shows now. @throws what making one throws. */
  fill(): void {
    this.#keep(this.#add());
    this.#prepare();
  }

  /** An instance, now; undefined when none is free. @throws what making one throws. */
  take(): Lease<T> | undefined {
    const lease = this.#warm;
    if (lease !== undefined) {
      this.#warm = this.#idle.length === 0 ? undefined : this.#idle.pop();
      return lease;
    }
    if (this.#instances >= this.#settings.instances) this.#reclaim();
    return this.#instances < this.#settings.instances ? this.#add() : undefined;
  }

  /**
   * A turn for the next instance that is free, when none is now: fair between keys, and first in, first out for one of them. Its value
   * rejects with PlugbayError `timeout` (after `waitMs`), the reason for which the pool was closed, and what making an instance throws.
   * @throws PlugbayError `limit`: too many calls wait.
   */
  wait(key: string): Turn<Lease<T>> {
    const { waiting, waitingOfKey, waitMs } = this.#settings;
    this.#queue ??= new Queue(this.#clock, waiting, waitingOfKey, waitMs);
    return this.#queue.wait(key);
  }

  /**
   * Gives an instance back after a call, or when it was only started. True when it was worn out and thrown away, and its memory with
   * it.
   */
  release(lease: Lease<T>, called = true): boolean {
    if (!this.#leases.includes(lease)) return true;
    if (called) {
      this.#calls += 1;
      lease.uses += 1;
    }
    const worn = lease.instance.spent || lease.uses >= this.#settings.uses;
    if (worn || this.#closed) {
      this.#discard(lease);
      this.#replace();
    } else if (this.#queue !== undefined && this.#waiting > 0) {
      lease.over = false;
      this.#queue.serve(lease);
    } else {
      this.#keep(lease);
    }
    return worn;
  }

  /** Forgets all instances, the busy ones when they are given back. Whoever waits gets `reason`. */
  close(reason: () => PlugbayError): void {
    this.#closed = true;
    this.#sweep?.cancel();
    clearImmediate(this.#ahead);
    while (this.#idleCount > 0) this.#discard(this.#oldest());
    this.#queue?.close(reason);
  }

  get #waiting(): number {
    return this.#queue?.length ?? 0;
  }

  get #idleCount(): number {
    return this.#warm === undefined ? 0 : 1 + this.#idle.length;
  }

  // Of the idle one that was given back first.
  get #idleSince(): number {
    return (this.#idle[0] ?? this.#warm)?.idleSince ?? 0;
  }

  // Takes the idle one that was given back first; there must be one.
  #oldest(): Lease<T> {
    const oldest = this.#idle.shift() ?? (this.#warm as Lease<T>);
    if (oldest === this.#warm) this.#warm = undefined;
    return oldest;
  }

  #add(): Lease<T> {
    // Counted first, because making one may run code that comes back here.
    this.#instances += 1;
    try {
      const instance = this.#maker.make();
      this.#created += 1;
      const lease = { instance, uses: 0, idleSince: 0, over: false };
      this.#leases = [...this.#leases, lease];
      return lease;
    } catch (error) {
      this.#instances -= 1;
      throw error;
    }
  }

  #discard(lease: Lease<T>): void {
    try {
      lease.instance.dispose();
    } finally {
      this.#leases = this.#leases.filter((other) => other !== lease);
      this.#instances -= 1;
      this.#discarded += 1;
    }
  }

  // Throws away what was not given back properly: nobody knows how far it got.
  #reclaim(): void {
    for (const lease of this.#leases) if (lease.over) this.#discard(lease);
  }

  #keep(lease: Lease<T>): void {
    if (this.#warm !== undefined) this.#idle.push(this.#warm);
    this.#warm = lease;
    lease.over = false;
    if (!this.#settings.stateless) return;
    lease.idleSince = this.#clock.monotonic();
    if (this.#idleCount <= this.#settings.ahead) return;
    this.#sweep ??= this.#clock.timer(this.#settings.idleMs, () => this.#dropIdle());
  }

  // There is room for another instance: whoever waits longest gets it, or why it cannot be made.
  #replace(): void {
    if (this.#closed) return;
    while (this.#queue !== undefined && this.#waiting > 0 && this.#instances < this.#settings.instances) {
      try {
        this.#queue.serve(this.#add());
      } catch (error) {
        this.#queue.refuse(error);
      }
    }
    this.#prepare();
  }

  // Between calls, so that no call pays for it; one by one, so that others get their turn.
  #prepare(): void {
    const { ahead, instances } = this.#settings;
    const wanted = (): boolean => !this.#closed && this.#idleCount < ahead && this.#instances < instances;
    if (this.#ahead !== undefined || !wanted()) return;
    this.#ahead = setImmediate(() => {
      this.#ahead = undefined;
      if (!wanted()) return;
      try {
        this.#keep(this.#add());
      } catch {
        // The next call makes one itself and learns why it cannot be made.
        return;
      }
      this.#prepare();
    });
    this.#ahead.unref();
  }

  #dropIdle(): void {
    const { ahead, idleMs } = this.#settings;
    const oldest = this.#clock.monotonic() - idleMs;
    this.#sweep = undefined;
    while (this.#idleCount > ahead && this.#idleSince <= oldest) this.#discard(this.#oldest());
    if (this.#idleCount > ahead) this.#sweep = this.#clock.timer(idleMs, () => this.#dropIdle());
  }
}
