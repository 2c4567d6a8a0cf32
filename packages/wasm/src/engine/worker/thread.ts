// One thread of the engine, as the host sees it: what is on it, what waits for it, and what it says.
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { PlugbayError } from '@plugbay/core';
import { NO_OUTPUT } from '../../abi/extism/exchange.ts';
import { internalError } from '../../abi/trap.ts';
import { FairQueue } from '../fair-queue.ts';
import { spawn } from '../spawn.ts';
import { packError, unpackError } from './failure.ts';
import { CONTROL, FLAG, KIND, SHARED_BYTES, SharedLayout, SLOT, SLOTS, STATE } from './layout.ts';
import type { ThreadStart, ToHost, ToThread } from './messages.ts';
import { type Part, readParcel, writeParcel } from './parcel.ts';
import type { WorkerPlugin } from './plugin.ts';
import type { RemoteInstance } from './remote-instance.ts';
import { Ring } from './ring.ts';
import type { Answer, Task } from './task.ts';
import type { Unheard } from './variables.ts';

// Calls that a thread has in its inbox and has not looked at: enough to keep it busy, few enough that those that wait here, where
// keys have their turns, decide what comes next.
const AHEAD = 16;

// A quarter of a gigabyte of JavaScript: it is ours alone. Less makes V8 collect for seconds when a guest grows its memory.
const RESOURCES = { maxOldGenerationSizeMb: 256 };

const EPOCH_PAGES = 1;
const MILLION = 1_000_000;

/** What a thread needs of its engine. */
export interface ThreadOwner {
  /** One word for all threads: counts what they have said. */
  readonly bell: SharedArrayBuffer;
  /** A number that no other instance of the engine has. */
  newInstanceId(): number;
  /** The thread has begun to work on a call, or has stopped to. */
  watch(task: Task): void;
  release(task: Task): void;
  /** The thread is gone: what was not begun has to go elsewhere. */
  ended(thread: Thread, unbegun: readonly Task[]): void;
}

/** One thread. */
export class Thread {
  /** Whether it belongs to one plugin that ended a thread before. */
  quarantine = false;
  readonly #owner: ThreadOwner;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #shared: SharedLayout;
  readonly #flag: Int32Array;
  readonly #inbox: Ring;
  readonly #outbox: Ring;
  readonly #queue = new FairQueue<Task>();
  readonly #free: number[] = Array.from({ length: SLOTS }, (_, index) => SLOTS - 1 - index);
  readonly #tasks: (Task | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  // Those in the inbox, in order; the first ones may have begun.
  readonly #ahead: Task[] = [];
  readonly #residents = new Map<WorkerPlugin, Unheard>();
  readonly #plugins = new Map<number, WorkerPlugin>();
  readonly #instances = new Map<number, RemoteInstance>();
  readonly #spilled = new Map<number, readonly Uint8Array[]>();
  // The slot whose guest blocks the thread until its host has answered; -1 when none does.
  #blocking = -1;
  #active = 0;
  #answers = 0;
  #ended = false;

  constructor(owner: ThreadOwner) {
    const memory = new SharedArrayBuffer(SHARED_BYTES);
    const epoch = new WebAssembly.Memory({ initial: EPOCH_PAGES, maximum: EPOCH_PAGES, shared: true });
    const { port1, port2 } = new MessageChannel();
    const start: ThreadStart = { shared: memory, bell: owner.bell, epoch, port: port2 };
    this.#owner = owner;
    this.#shared = new SharedLayout(memory);
    this.#flag = new Int32Array(epoch.buffer);
    const { control, inbox, outbox } = this.#shared;
    this.#inbox = new Ring(inbox, control, CONTROL.inboxTail, CONTROL.inboxHead);
    this.#outbox = new Ring(outbox, control, CONTROL.outboxTail, CONTROL.outboxHead);
    this.#port = port1;
    this.#port.on('message', (message: ToHost) => this.#heard(message));
    this.#port.unref();
    this.#worker = spawn(new URL('./thread/entry.ts', import.meta.url), {
      workerData: start,
      transferList: [port2],
      resourceLimits: RESOURCES,
      env: {},
      name: 'plugbay',
    });
    // Its end is told by 'exit'; an error is how it may come to that.
    this.#worker.on('error', () => undefined);
    this.#worker.on('exit', () => this.end());
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

  /** Answers so far, whatever they were: a thread whose number does not change is busy with one thing. */
  get answers(): number {
    return this.#answers;
  }

  /** Whether a guest blocks it until its host has answered. */
  get parked(): boolean {
    return this.#blocking >= 0;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes a call, whose instance has to be here. */
  submit(task: Task): void {
    this.#queue.push(task.call.fairness, task);
    this.#advance();
  }

  /** Gives a call up, whose outcome has been told. True when its guest has to be stopped. */
  stop(task: Task): boolean {
    if (this.#queue.remove(task.call.fairness, task)) return false;
    const { slot } = task;
    if (slot < 0 || this.#tasks[slot] !== task) return false;
    const { slots } = this.#shared;
    const word = this.#shared.wordAt(slot, SLOT.unwanted);
    Atomics.store(slots, word, 1);
    Atomics.notify(slots, word);
    const state = this.#shared.state(slot);
    if (state === STATE.asking) this.#release(slot);
    else if (state === STATE.started) this.lookUp();
    return state !== STATE.queued;
  }

  /** Makes whoever runs look up from its work. */
  lookUp(): void {
    Atomics.store(this.#flag, 0, 1);
  }

  /** Whether calls wait that could have their turn while another one runs. */
  get crowded(): boolean {
    this.#forgetBegun();
    return this.#ahead.length > 0 || Atomics.load(this.#shared.control, CONTROL.ready) > 0;
  }

  /** Lets an instance go. */
  discard(instance: RemoteInstance): void {
    if (!this.#instances.delete(instance.id)) return;
    this.#post({ type: 'discard', instance: instance.id });
  }

  /** Lets a plugin go, whose instances are gone. */
  close(plugin: WorkerPlugin): void {
    const unheard = this.#residents.get(plugin);
    if (unheard === undefined) return;
    plugin.variables.unfollow(unheard);
    this.#residents.delete(plugin);
    this.#plugins.delete(plugin.id);
    this.#post({ type: 'close', plugin: plugin.id });
  }

  /** Tells that a plugin's lines are written from another level on. */
  setLogLevel(plugin: WorkerPlugin, level: string | undefined): void {
    if (this.#residents.has(plugin)) this.#post({ type: 'level', plugin: plugin.id, level });
  }

  /** Makes room for an instance. */
  admit(instance: RemoteInstance): void {
    const { plugin } = instance;
    if (!this.#residents.has(plugin)) {
      this.#post({ type: 'open', plugin: plugin.setup() });
      this.#residents.set(plugin, plugin.variables.follow());
      this.#plugins.set(plugin.id, plugin);
    }
    instance.id = this.#owner.newInstanceId();
    instance.thread = this;
    this.#instances.set(instance.id, instance);
    this.#post({ type: 'instance', instance: instance.id, plugin: plugin.id });
  }

  /** Hears what the thread has said. */
  hear(): void {
    for (let slot = this.#outbox.pop(); slot >= 0; slot = this.#outbox.pop()) this.#heed(slot);
  }

  /** Ends it, with all that is on it; what was not begun is told to the engine. */
  end(): void {
    if (this.#ended) return;
    this.hear();
    this.#ended = true;
    this.#port.close();
    void this.#worker.terminate();
    const running = Atomics.load(this.#shared.control, CONTROL.running);
    const unbegun: Task[] = [];
    for (const [slot, task] of this.#tasks.entries()) {
      if (task === undefined) continue;
      this.#owner.release(task);
      if (task.settled) continue;
      if (this.#shared.state(slot) === STATE.queued) unbegun.push(task);
      else task.fail(slot === running ? crashed() : lostWithOthers());
    }
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) unbegun.push(task);
    for (const instance of this.#instances.values()) instance.strand();
    for (const [plugin, unheard] of this.#residents) plugin.variables.unfollow(unheard);
    this.#instances.clear();
    this.#residents.clear();
    for (const task of unbegun) task.slot = -1;
    this.#owner.ended(this, unbegun);
  }

  #advance(): void {
    this.#forgetBegun();
    while (this.#queue.length > 0 && this.#ahead.length < AHEAD && this.#free.length > 0)
      this.#dispatch(this.#queue.shift() as Task);
  }

  #forgetBegun(): void {
    while (this.#ahead.length > 0) {
      const [{ slot }] = this.#ahead as [Task];
      if (slot >= 0 && this.#shared.state(slot) === STATE.queued) return;
      this.#ahead.shift();
    }
  }

  #dispatch(task: Task): void {
    const slot = this.#free.pop() as number;
    const { instance } = task;
    const unheard = this.#residents.get(instance.plugin) as Unheard;
    this.#tasks[slot] = task;
    this.#ahead.push(task);
    this.#active += 1;
    task.slot = slot;
    this.#owner.watch(task);
    instance.plugin.syncLogLevel(this);
    this.#shared.set(slot, SLOT.instance, instance.id);
    this.#shared.set(slot, SLOT.unwanted, 0);
    this.#shared.set(slot, SLOT.timeoutMs, wholeMs(task.call.remainingMs()));
    this.#put(slot, task.kind, [instance.plugin.variables.tell(unheard), task.name, task.input]);
    this.#shared.setState(slot, STATE.queued);
    this.#inbox.push(slot);
    this.#wake();
  }

  #put(slot: number, kind: number, parts: readonly Part[]): void {
    this.#shared.set(slot, SLOT.kind, kind);
    writeParcel(this.#shared, slot, 0, parts, (message) =>
      this.#post(
        message,
        message.parts.map(({ buffer }) => buffer as ArrayBuffer),
      ),
    );
  }

  #heed(slot: number): void {
    const task = this.#tasks[slot];
    if (task === undefined) return;
    this.#answers += 1;
    const flags = this.#shared.get(slot, SLOT.flags);
    if ((flags & (FLAG.mail | FLAG.spilled)) !== 0) this.#collect();
    const parts = this.#read(slot, flags);
    const { plugin } = task.instance;
    const [news] = parts as [Uint8Array];
    if (news.length > 0) plugin.variables.hear(news, this.#residents.get(plugin));
    if (this.#shared.state(slot) === STATE.asking) this.#asked(slot, task, flags, parts);
    else this.#done(slot, task, flags, parts);
  }

  #asked(slot: number, task: Task, flags: number, parts: readonly Uint8Array[]): void {
    if ((flags & FLAG.blocking) !== 0) this.#blocking = slot;
    // Given up meanwhile: there is nobody who could answer.
    if (task.settled) return this.#release(slot);
    let answer: ReturnType<WorkerPlugin['answer']>;
    try {
      answer = task.instance.plugin.answer(task, this.#shared.get(slot, SLOT.kind), parts);
    } catch (thrown) {
      return this.#refuse(slot, task, thrown);
    }
    if (!(answer instanceof Promise)) return this.#answer(slot, task, KIND.answer, answer);
    task.asking = true;
    this.#active -= 1;
    this.#advance();
    const resumed = (): boolean => {
      if (this.#tasks[slot] !== task || task.settled) return false;
      task.asking = false;
      this.#active += 1;
      return true;
    };
    answer.then(
      (given) => resumed() && this.#answer(slot, task, KIND.answer, given),
      (thrown) => resumed() && this.#refuse(slot, task, thrown),
    );
  }

  #refuse(slot: number, task: Task, thrown: unknown): void {
    const error = internalError(thrown);
    const number = task.keep(error);
    this.#answer(slot, task, KIND.failure, [packError(error, () => number)]);
  }

  #answer(slot: number, task: Task, kind: number, parts: readonly Part[]): void {
    // A callback may have ended the thread, or given the call up.
    if (this.#tasks[slot] !== task || this.#ended) return;
    if (task.settled) return this.#release(slot);
    const { plugin } = task.instance;
    const news = plugin.variables.tell(this.#residents.get(plugin) as Unheard);
    this.#put(slot, kind, [news, ...parts]);
    this.#release(slot);
  }

  // Lets a guest that waits for its host go on.
  #release(slot: number): void {
    this.#shared.setState(slot, STATE.answered);
    if (this.#blocking === slot) {
      this.#blocking = -1;
      Atomics.notify(this.#shared.slots, this.#shared.wordAt(slot, SLOT.state));
      return;
    }
    this.#inbox.push(slot);
    this.#wake();
  }

  #done(slot: number, task: Task, flags: number, parts: readonly Uint8Array[]): void {
    const kind = this.#shared.get(slot, SLOT.kind);
    const fuel = this.#fuelOf(slot);
    this.#tasks[slot] = undefined;
    this.#free.push(slot);
    this.#owner.release(task);
    if (!task.asking) this.#active -= 1;
    task.slot = -1;
    this.#advance();
    if ((flags & FLAG.spent) !== 0) task.instance.spent = true;
    task.instance.used = true;
    const content = parts[1] as Uint8Array;
    if (kind === KIND.failure) {
      const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString();
      task.fail(unpackError(text, (number) => task.hostError(number)));
    } else {
      const answer: Answer = { output: (flags & FLAG.noOutput) === 0 ? content : NO_OUTPUT, fuel };
      task.succeed(answer);
    }
  }

  #fuelOf(slot: number): number | undefined {
    const high = this.#shared.get(slot, SLOT.fuelHigh);
    return high < 0 ? undefined : high * MILLION + this.#shared.get(slot, SLOT.fuelLow);
  }

  #read(slot: number, flags: number): readonly Uint8Array[] {
    if ((flags & FLAG.spilled) === 0) return readParcel(this.#shared, slot);
    const parts = this.#spilled.get(slot);
    this.#spilled.delete(slot);
    if (parts === undefined) throw new PlugbayError('internal', 'the rest of an answer did not arrive');
    return parts;
  }

  #collect(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: ToHost } | undefined;
      if (received === undefined) return;
      this.#heard(received.message);
    }
  }

  #heard(message: ToHost): void {
    if (message.type === 'spill') this.#spilled.set(message.slot, message.parts);
    else if (message.type === 'exchange') {
      const instance = this.#instances.get(message.instance);
      if (instance !== undefined) instance.plugin.attach(instance, message.memory);
    } else this.#plugins.get(message.plugin)?.log(message.level, message.facts, message.line);
  }

  #post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#ended) return;
    this.#port.postMessage(message, transfer);
    Atomics.add(this.#shared.control, CONTROL.mail, 1);
    this.#wake();
  }

  #wake(): void {
    const { control } = this.#shared;
    Atomics.add(control, CONTROL.wake, 1);
    if (Atomics.load(control, CONTROL.asleep) === 1) Atomics.notify(control, CONTROL.wake);
  }
}

const NOT_LIMITED = -1;

function wholeMs(ms: number): number {
  return ms > 2 ** 31 - 1 ? NOT_LIMITED : Math.max(0, Math.ceil(ms));
}

function crashed(): PlugbayError {
  return new PlugbayError('unavailable', 'the thread that ran the plugin has ended', {
    stateLost: true,
    hint: 'Call again, unless what it does must not be done twice.',
  });
}

function lostWithOthers(): PlugbayError {
  return new PlugbayError(
    'unavailable',
    'the thread on which the plugin waited was ended because of another one',
    {
      stateLost: true,
      hint: 'Call again, unless what it does must not be done twice.',
    },
  );
}
