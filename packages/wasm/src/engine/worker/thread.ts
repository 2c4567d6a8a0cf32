// One thread of the engine, as the host sees it: what is on it, what waits for it, and what it says.
import type { Worker } from 'node:worker_threads';
import { NO_OUTPUT } from '../../abi/no-output.ts';
import { internalError } from '../../abi/trap.ts';
import { FairQueue } from '../fair-queue.ts';
import { spawn } from '../spawn.ts';
import { couldNotStart, crashed, lostWithOthers } from './ended-thread.ts';
import { packThrown, unpackError } from './failure.ts';
import { KnownModules } from './known-modules.ts';
import { FLAG, KIND, SLOT, SLOTS, STATE } from './layout.ts';
import type { News } from './messages.ts';
import type { Part } from './parcel.ts';
import type { WorkerPlugin } from './plugin.ts';
import type { RemoteInstance } from './remote-instance.ts';
import type { Task } from './task.ts';
import { EVERYTHING, ThreadLine, type Word } from './thread-line.ts';
import type { Unheard } from './variables.ts';

// Calls that a thread has in its inbox and has not looked at: enough to keep it busy, few enough that those that wait here, where
// keys have their turns, decide what comes next.
const AHEAD = 16;

// A quarter of a gigabyte of JavaScript: it is ours alone. Less makes V8 collect for seconds when a guest grows its memory.
const RESOURCES = { maxOldGenerationSizeMb: 256 };

/** What a thread needs of its engine. */
export interface ThreadOwner {
  /** One word for all threads: counts what they have said. */
  readonly bell: SharedArrayBuffer;
  /** A number that no other instance of the engine has. */
  newInstanceId(): number;
  /** The thread has a call before it. */
  watch(task: Task): void;
  /** It is done with it. */
  release(task: Task): void;
  /** A guest of the thread can go on, for which its host had to wait. */
  resumed(thread: Thread): void;
  /** The thread is gone: what was not begun has to go elsewhere. */
  ended(thread: Thread, unbegun: readonly Task[]): void;
}

/** One thread. */
export class Thread {
  /** Whether it belongs to plugins that ended a thread before. */
  quarantine = false;
  readonly #owner: ThreadOwner;
  readonly #line: ThreadLine;
  readonly #worker: Worker;
  readonly #queue = new FairQueue<Task>();
  readonly #free: number[] = Array.from({ length: SLOTS }, (_, index) => SLOTS - 1 - index);
  readonly #tasks: (Task | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  // Those in the inbox, in order; the first ones may have begun.
  readonly #ahead: Task[] = [];
  readonly #modules = new KnownModules((order) => this.#line.post(order, [], 'next'));
  readonly #residents = new Map<WorkerPlugin, Unheard>();
  readonly #plugins = new Map<number, WorkerPlugin>();
  readonly #instances = new Map<number, RemoteInstance>();
  // The slot whose guest blocks the thread until its host has answered; -1 when none does.
  #blocking = -1;
  #active = 0;
  // When a guest was told to look up that has not done so if it still has the same turn.
  #told: { readonly turns: number; readonly at: number } | undefined;
  #failure: unknown;
  // From when it is about to end: it hears what there is to hear first.
  #ending = false;
  #ended = false;

  constructor(owner: ThreadOwner) {
    this.#owner = owner;
    this.#line = new ThreadLine(owner.bell, (news) => this.#learn(news));
    const { start } = this.#line;
    this.#worker = spawn(new URL('./thread/entry.ts', import.meta.url), {
      workerData: start,
      transferList: [start.port],
      resourceLimits: RESOURCES,
      env: {},
      name: 'plugbay',
    });
    this.#worker.on('error', (error) => {
      this.#failure = error;
    });
    this.#worker.on('exit', () => this.#exited());
    this.#worker.unref();
  }

  /** Calls that it works on or has before it, without those whose guests wait for the host. */
  get active(): number {
    return this.#active + this.#queue.length;
  }

  /** Instances that live here. */
  get residents(): number {
    return this.#instances.size;
  }

  /** Whether it can do nothing new: a guest blocks it until its host has answered, or too many of them wait. */
  get parked(): boolean {
    return this.#blocking >= 0 || this.#free.length === 0;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** How often a guest has got it: two of them are two turns. */
  get turns(): number {
    return this.#line.turns;
  }

  /** Whether a call's guest has it now. */
  isHeldBy({ slot }: Task): boolean {
    return slot >= 0 && this.#line.running === slot;
  }

  /** Waits until it is up, or has ended. */
  whenUp(): Promise<void> {
    return this.#line.whenUp();
  }

  /** Whether no plugin is here. */
  get vacant(): boolean {
    return this.#residents.size === 0;
  }

  /** Whether calls wait that could have their turn while another one runs. */
  get crowded(): boolean {
    return this.#line.awaited;
  }

  /** Makes whoever runs look up from its work. `now` in monotonic milliseconds. */
  lookUp(now: number): void {
    const { turns } = this.#line;
    if (this.#told?.turns !== turns) this.#told = { turns, at: now };
    this.#line.lookUp();
  }

  /** For how long whoever runs did not let others have their turn although it was told to look up. */
  unheedingMs(now: number): number {
    const told = this.#told;
    if (told === undefined || told.turns !== this.#line.turns || this.#line.running < 0) return 0;
    return now - told.at;
  }

  /** Takes a call, whose instance has to be here. */
  submit(task: Task): void {
    task.entry = this.#queue.push(task.call.fairness, task);
    this.advance();
  }

  /** Gives a call up, whose outcome has been told. True when its guest has to be stopped. */
  stop(task: Task): boolean {
    if (task.entry !== undefined && this.#queue.remove(task.entry)) return false;
    const { slot } = task;
    if (slot < 0 || this.#tasks[slot] !== task) return false;
    const { shared } = this.#line;
    this.#line.giveUp(slot);
    const state = shared.state(slot);
    if (state === STATE.asking) {
      // Nobody may have heard it yet, and the thread does not tell its news again.
      this.#hearNews(task, this.#line.hear(slot));
      this.#goOn(slot, (shared.get(slot, SLOT.flags) & FLAG.blocking) !== 0);
    } else if (state === STATE.started) {
      this.#line.lookUp();
      // For one that sleeps.
      this.#line.remind(slot);
    }
    return state !== STATE.queued;
  }

  /** Makes room for an instance. */
  admit(instance: RemoteInstance): void {
    const { plugin } = instance;
    if (!this.#residents.has(plugin)) {
      // Whoever comes here has a call, of which the thread is told as well.
      const modules = this.#modules.of(plugin.compiled);
      this.#line.post({ type: 'open', plugin: plugin.setup(), modules }, [], 'next');
      this.#modules.trim();
      this.#residents.set(plugin, plugin.variables.follow());
      this.#plugins.set(plugin.id, plugin);
    }
    instance.id = this.#owner.newInstanceId();
    instance.thread = this;
    this.#instances.set(instance.id, instance);
  }

  /** Lets an instance go. */
  discard(instance: RemoteInstance): void {
    const { id, plugin } = instance;
    // All of them go with a plugin that is closed.
    if (!this.#instances.delete(id) || plugin.closed) return;
    this.#line.post({ type: 'discard', plugin: plugin.id, instance: id });
  }

  /** Lets a plugin go, whose instances are gone. */
  close(plugin: WorkerPlugin): void {
    const unheard = this.#residents.get(plugin);
    if (unheard === undefined) return;
    plugin.variables.unfollow(unheard);
    this.#residents.delete(plugin);
    this.#plugins.delete(plugin.id);
    this.#line.post({ type: 'close', plugin: plugin.id });
  }

  /** Tells that a plugin's lines are written from another level on. */
  setLogLevel(plugin: WorkerPlugin, level: string | undefined): void {
    if (this.#residents.has(plugin)) this.#line.post({ type: 'level', plugin: plugin.id, level });
  }

  /** Hears what the thread has said, up to a number of things, because it goes on talking. True when there may be more. */
  hear(most: number): boolean {
    for (let count = 0; count < most; count++) {
      const slot = this.#line.next();
      if (slot < 0) return false;
      try {
        this.#heed(slot);
      } catch (error) {
        // Nobody knows what its guest waits for now.
        this.#tasks[slot]?.fail(internalError(error));
        this.end();
        return false;
      }
    }
    return true;
  }

  /** Ends it, with all that is on it; what was not begun is told to the engine. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.hear(EVERYTHING);
    this.#ended = true;
    this.#line.close();
    void this.#worker.terminate();
    // First, so that calls that end with it say what was lost.
    for (const instance of this.#instances.values()) instance.strand();
    const { shared } = this.#line;
    const unbegun: Task[] = [];
    for (const task of this.#takeAll()) {
      this.#owner.release(task);
      if (task.settled) continue;
      if (task.slot < 0 || shared.advance(task.slot, STATE.queued, STATE.free)) unbegun.push(task);
      else task.fail(task.slot === this.#line.running ? crashed(this.#failure) : lostWithOthers());
      task.slot = -1;
    }
    for (const [plugin, unheard] of this.#residents) plugin.variables.unfollow(unheard);
    this.#instances.clear();
    this.#residents.clear();
    this.#owner.ended(this, unbegun);
  }

  // By itself: it could not start, or what ran on it took all the memory there was.
  #exited(): void {
    if (this.#ended) return;
    const running = this.#tasks[this.#line.running];
    if (running !== undefined) running.instance.plugin.quarantined = true;
    // Another one would not start either.
    if (!this.#line.up) for (const task of this.#takeAll()) task.fail(couldNotStart(this.#failure));
    this.end();
  }

  #takeAll(): Task[] {
    const all = this.#tasks.filter((task) => task !== undefined);
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) all.push(task);
    return all;
  }

  /** Hands over what waits, as far as there is room: calls that have begun make some, which nobody says. */
  advance(): void {
    this.#forgetBegun();
    while (this.#queue.length > 0 && this.#ahead.length < AHEAD && this.#free.length > 0)
      this.#dispatch(this.#queue.shift() as Task);
  }

  #forgetBegun(): void {
    while (this.#ahead.length > 0) {
      const [{ slot }] = this.#ahead as [Task];
      if (slot >= 0 && this.#line.shared.state(slot) === STATE.queued) return;
      this.#ahead.shift();
    }
  }

  #dispatch(task: Task): void {
    const slot = this.#free.pop() as number;
    const { plugin, id } = task.instance;
    const { shared } = this.#line;
    this.#tasks[slot] = task;
    this.#ahead.push(task);
    this.#active += 1;
    task.slot = slot;
    this.#owner.watch(task);
    plugin.syncLogLevel();
    shared.set(slot, SLOT.instance, id);
    shared.set(slot, SLOT.plugin, plugin.id);
    shared.set(slot, SLOT.unwanted, 0);
    shared.set(slot, SLOT.timeoutMs, wholeMs(Math.min(task.call.remainingMs(), plugin.limits.callMs)));
    this.#line.put(slot, task.kind, [this.#news(plugin), task.name, task.input]);
    this.#line.send(slot, STATE.queued);
  }

  #news(plugin: WorkerPlugin): Uint8Array {
    return plugin.variables.tell(this.#residents.get(plugin) as Unheard);
  }

  #heed(slot: number): void {
    const task = this.#tasks[slot];
    const word = task === undefined ? undefined : this.#line.hear(slot);
    if (task === undefined || word === undefined) return;
    this.#hearNews(task, word);
    if (word.state === STATE.asking) this.#asked(slot, task, word);
    else this.#done(slot, task, word);
  }

  #hearNews({ instance: { plugin } }: Task, word: Word | undefined): void {
    const news = word?.parts[0];
    if (news !== undefined && news.length > 0) plugin.variables.hear(news, this.#residents.get(plugin));
  }

  #asked(slot: number, task: Task, { flags, parts }: Word): void {
    const blocked = (flags & FLAG.blocking) !== 0;
    if (blocked) this.#blocking = slot;
    // Given up meanwhile: there is nobody who could answer.
    if (task.settled) return this.#goOn(slot, blocked);
    let answer: ReturnType<WorkerPlugin['answer']>;
    try {
      answer = task.instance.plugin.answer(task, this.#line.shared.get(slot, SLOT.kind), parts);
    } catch (thrown) {
      return this.#refuse(slot, task, blocked, thrown);
    }
    if (!(answer instanceof Promise)) return this.#answer(slot, task, blocked, KIND.answer, answer);
    task.asking = true;
    this.#active -= 1;
    this.advance();
    const resumed = (): boolean => {
      if (this.#tasks[slot] !== task || task.settled) return false;
      task.asking = false;
      this.#active += 1;
      this.#owner.resumed(this);
      return true;
    };
    answer.then(
      (given) => resumed() && this.#answer(slot, task, blocked, KIND.answer, given),
      (thrown) => resumed() && this.#refuse(slot, task, blocked, thrown),
    );
  }

  #refuse(slot: number, task: Task, blocked: boolean, thrown: unknown): void {
    this.#answer(slot, task, blocked, KIND.failure, [packThrown(thrown, task.keep(thrown))]);
  }

  #answer(slot: number, task: Task, blocked: boolean, kind: number, parts: readonly Part[]): void {
    // A callback may have ended the thread, or given the call up: then its guest goes on already.
    if (this.#tasks[slot] !== task || this.#ended || task.settled) return;
    // A host function may have changed it.
    task.instance.plugin.syncLogLevel();
    this.#line.put(slot, kind, [this.#news(task.instance.plugin), ...parts]);
    this.#goOn(slot, blocked);
  }

  // Lets a guest that waits for its host go on.
  #goOn(slot: number, blocked: boolean): void {
    if (this.#blocking === slot) this.#blocking = -1;
    this.#line.send(slot, STATE.answered, blocked);
  }

  #done(slot: number, task: Task, { flags, parts }: Word): void {
    const kind = this.#line.shared.get(slot, SLOT.kind);
    const fuel = this.#line.shared.fuel(slot);
    this.#tasks[slot] = undefined;
    this.#free.push(slot);
    this.#owner.release(task);
    if (!task.asking) this.#active -= 1;
    task.slot = -1;
    this.advance();
    const { instance } = task;
    if ((flags & FLAG.spent) !== 0) instance.spent = true;
    instance.unmade = (flags & FLAG.unmade) !== 0;
    instance.used = !instance.unmade;
    const content = parts[1] as Uint8Array;
    if (kind === KIND.failure) {
      const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString();
      task.fail(unpackError(text, (number) => task.hostError(number)));
    } else task.succeed({ output: (flags & FLAG.noOutput) === 0 ? content : NO_OUTPUT, fuel });
  }

  #learn(news: News): void {
    if (news.type === 'log') this.#plugins.get(news.plugin)?.log(news.level, news.facts, news.line);
    else {
      const instance = this.#instances.get(news.instance);
      if (instance !== undefined) instance.plugin.attach(instance, news.memory);
    }
  }
}

const NOT_LIMITED = -1;

function wholeMs(ms: number): number {
  return ms > 2 ** 31 - 1 ? NOT_LIMITED : Math.max(0, Math.ceil(ms));
}
