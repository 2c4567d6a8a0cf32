// The worker engine: its threads, which instance lives on which, and what happens when a guest does not stop.
import { type Clock, PlugbayError } from '@plugbay/core';
import { CallChain } from '../call-chain.ts';
import { Watchdog, type Watched } from '../watchdog.ts';
import { KeepAlive } from './keep-alive.ts';
import { Patience } from './patience.ts';
import type { WorkerPlugin } from './plugin.ts';
import type { RemoteInstance } from './remote-instance.ts';
import type { Task } from './task.ts';
import { Thread, type ThreadOwner } from './thread.ts';

/** How many threads an engine has. */
export interface ThreadSettings {
  /** Threads that plugins are spread over. */
  readonly threads: number;
  /** Threads at most, when those are held by guests that do not let go of them. Those of quarantined plugins come on top. */
  readonly maxThreads: number;
}

// 5 ms: what a guest that others wait for may go on for.
const SLICE_MS = 5;
// A second for a guest to look up, in one turn: fifty times what the longest single instruction takes, to fill all the memory it may
// have. A machine that has much else to do, or collects garbage, keeps a thread waiting for some tenths of it. The caller was told
// before, and ending a thread costs everybody on it their memory.
const STOP_MS = 1_000;
// A tenth of a second in which a guest did not look up although others wait for its thread, several times what its longest single
// instruction takes: whoever comes next finds another thread, if there may be one more. Those that look up, and those that wait for
// their host, keep nobody from it.
const HELD_MS = 100;
// Turns of the event loop, of a microsecond or less when nothing else happens.
const LOOKS = { short: 8, long: 200 };
// Answers of one thread between two turns of the event loop: less than half a millisecond's.
const HEARD_AT_ONCE = 128;
// A thread that ends is one in many; three in a row have something in common.
const MOVES = 3;
// Plugins that ended threads share these. Each costs some 10 MB.
const QUARANTINE_THREADS = 4;

/** Threads and what runs on them. */
export class WorkerEngine implements ThreadOwner {
  readonly bell: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly chain: CallChain = new CallChain();
  readonly clock: Clock;
  readonly #bell = new Int32Array(this.bell);
  readonly #settings: ThreadSettings;
  readonly #threads = new Set<Thread>();
  readonly #keepAlive = new KeepAlive();
  readonly #deadlines: Watchdog<Task>;
  // A guest that was told to stop, and the thread that it is on.
  readonly #stopping: Watchdog<Stopping>;
  #spare: Thread | undefined;
  // Whether it looks for answers, and whether it will be woken by one.
  #looking = false;
  // Whether there may be answers that it has not heard.
  #more = false;
  #waiting = false;
  // What the bell said when the threads were heard last.
  #heard = 0;
  readonly #patience = new Patience(LOOKS.short, LOOKS.long);
  #slicing: NodeJS.Timeout | undefined;
  #instances = 0;
  #plugins = 0;
  #closed = false;

  constructor(settings: ThreadSettings, clock: Clock) {
    this.#settings = settings;
    this.clock = clock;
    this.#deadlines = new Watchdog<Task>(clock, (task) => this.#late(task));
    this.#stopping = new Watchdog<Stopping>(clock, (stopping) => this.#kill(stopping));
  }

  /** The threads that there are, without the one that stands by. */
  get threads(): readonly Thread[] {
    return [...this.#threads];
  }

  newInstanceId(): number {
    this.#instances += 1;
    return this.#instances;
  }

  newPluginId(): number {
    this.#plugins += 1;
    return this.#plugins;
  }

  /** Hands a call to the thread of its instance, which gets one if it has none. */
  submit(task: Task): void {
    if (this.#closed) return task.fail(new PlugbayError('unavailable', 'the runtime is closed'));
    const { instance } = task;
    // It ended a thread since this instance was made.
    if (instance.plugin.quarantined && instance.thread?.quarantine === false) instance.leave();
    const thread = instance.thread ?? this.#place(instance);
    task.thread = thread;
    thread.submit(task);
    this.#listen();
    this.resumed(thread);
  }

  /** Gives an instance its thread and waits until that is up, or has ended. */
  async settle(instance: RemoteInstance): Promise<void> {
    if (this.#closed) return;
    const done = this.keepAlive();
    const thread = instance.thread ?? this.#place(instance);
    await thread.whenUp();
    done();
  }

  resumed(thread: Thread): void {
    if (thread.active > 1) this.#slice();
  }

  /** Stops a call, whose outcome has been told. `overdue`: by its own fault. */
  stop(task: Task, overdue: boolean): void {
    const { thread } = task;
    if (thread === undefined) return;
    if (!thread.stop(task)) return;
    this.#awaitStop(task, thread, overdue);
  }

  /** Something has to go on although nobody has called. Ends with what it returns. */
  keepAlive(): () => void {
    this.#keepAlive.begin();
    return () => this.#keepAlive.end();
  }

  watch(task: Task): void {
    const { limits } = task.instance.plugin;
    task.dueAt = this.clock.monotonic() + limits.callMs;
    this.#deadlines.watch(task);
  }

  release(task: Task): void {
    this.#deadlines.release(task);
  }

  ended(thread: Thread, unbegun: readonly Task[]): void {
    this.#threads.delete(thread);
    if (this.#spare === thread) this.#spare = undefined;
    for (const task of unbegun) this.#move(task);
  }

  /** A plugin is closed: threads that are there for nobody else end. */
  left(plugin: WorkerPlugin): void {
    for (const thread of [...this.#threads]) {
      thread.close(plugin);
      const extra = thread.quarantine || this.#threads.size > this.#settings.threads;
      if (thread.vacant && extra) thread.end();
    }
  }

  /** Ends all threads; no calls may be under way that somebody waits for. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#slicing);
    this.#spare?.end();
    for (const thread of this.#threads) thread.end();
    this.#deadlines.close();
    this.#stopping.close();
    this.#keepAlive.close();
    // What waits for the bell would be kept for as long as the process lives.
    Atomics.notify(this.#bell, 0);
  }

  // A call can be what its threads end of, before they have begun it: it may take no more than a few with it.
  #move(task: Task): void {
    task.moves += 1;
    if (task.moves <= MOVES) this.submit(task);
    else task.fail(new PlugbayError('unavailable', `${task.moves} threads ended before they began the call`));
  }

  #place(instance: RemoteInstance): Thread {
    const thread = instance.plugin.quarantined ? this.#quarantine() : this.#common();
    thread.admit(instance);
    return thread;
  }

  // The one with the least to do; another one while there may be more, or when all are held.
  #common(): Thread {
    const open = [...this.#threads].filter(({ quarantine }) => !quarantine);
    const best = this.#best(open);
    const { threads, maxThreads } = this.#settings;
    if (best === undefined) return this.#start();
    if (open.length < threads) return best.residents === 0 ? best : this.#start();
    return open.length < maxThreads && this.#isHeld(best) ? this.#start() : best;
  }

  #best(threads: readonly Thread[]): Thread | undefined {
    const [first, ...others] = threads;
    return others.reduce((least, thread) => (this.#isLess(thread, least as Thread) ? thread : least), first);
  }

  #isLess(thread: Thread, other: Thread): boolean {
    const held = this.#isHeld(thread);
    if (held !== this.#isHeld(other)) return !held;
    if (thread.active !== other.active) return thread.active < other.active;
    return thread.residents < other.residents;
  }

  #isHeld(thread: Thread): boolean {
    return thread.parked || thread.unheedingMs(this.clock.monotonic()) > HELD_MS;
  }

  #quarantine(): Thread {
    const closed = [...this.#threads].filter(({ quarantine }) => quarantine);
    if (closed.length < QUARANTINE_THREADS) {
      const thread = this.#start();
      thread.quarantine = true;
      return thread;
    }
    return this.#best(closed) as Thread;
  }

  // A thread that stands by, so that nobody waits for one to start.
  #start(): Thread {
    const thread = this.#spare ?? new Thread(this);
    this.#threads.add(thread);
    this.#spare = new Thread(this);
    return thread;
  }

  // Tells first, stops then.
  #late(task: Task): void {
    if (task.settled) return;
    const { callMs } = task.instance.plugin.limits;
    const error = new PlugbayError('timeout', `the call took longer than callMs, which is ${callMs}`);
    task.call.endEarly(error);
  }

  #awaitStop(task: Task, thread: Thread, overdue: boolean): void {
    const dueAt = this.clock.monotonic() + STOP_MS;
    this.#stopping.watch({ task, thread, overdue, turns: thread.turns, dueAt, place: -1 });
  }

  #kill({ task, thread, overdue, turns }: Stopping): void {
    if (thread.ended || task.slot < 0) return;
    // Others have turns before it, or one of them does not let go of the thread: then that one has a deadline of its own.
    if (!thread.isHeldBy(task) || thread.turns !== turns) return this.#awaitStop(task, thread, overdue);
    if (overdue) task.instance.plugin.quarantined = true;
    thread.end();
  }

  #listen(): void {
    if (this.#looking) return;
    this.#looking = true;
    setImmediate(() => this.#look(this.#patience.looks));
  }

  // Looks for answers a few times, between which everybody else on this thread has a turn, then waits to be woken.
  #look(looks: number): void {
    if (this.#closed) return;
    const rung = Atomics.load(this.#bell, 0);
    const news = rung !== this.#heard;
    this.#heard = rung;
    let more = false;
    if (news || this.#more) for (const thread of this.#threads) more = thread.hear(HEARD_AT_ONCE) || more;
    this.#more = more;
    if (news || more || looks > 0) {
      if (news) this.#patience.found();
      setImmediate(() => this.#look(news || more ? this.#patience.looks : looks - 1));
      return;
    }
    this.#looking = false;
    this.#wait();
  }

  #wait(): void {
    if (this.#waiting) return;
    const woken = Atomics.waitAsync(this.#bell, 0, this.#heard);
    if (!woken.async) return this.#listen();
    this.#waiting = true;
    const began = performance.now();
    void woken.value.then(() => {
      this.#waiting = false;
      this.#patience.slept(performance.now() - began);
      this.#listen();
    });
  }

  #slice(): void {
    if (this.#slicing !== undefined) return;
    this.#slicing = setInterval(() => {
      let crowded = false;
      for (const thread of this.#threads) {
        if (thread.active < 2) continue;
        crowded = true;
        thread.advance();
        if (thread.crowded) thread.lookUp(this.clock.monotonic());
      }
      if (crowded) return;
      clearInterval(this.#slicing);
      this.#slicing = undefined;
    }, SLICE_MS);
    this.#slicing.unref();
  }
}

interface Stopping extends Watched {
  readonly task: Task;
  readonly thread: Thread;
  readonly overdue: boolean;
  /** The thread's turns when it was looked at last. */
  readonly turns: number;
}
