// What a thread does all day: takes calls from its inbox, runs their guests, sleeps when there is nothing to do.
import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises';
import type { CallOptions } from '@plugbay/core';
import type { CompiledPlugin, Instance } from '../../../abi/abi.ts';
import { Abis } from '../../../abi/abis.ts';
import { readShortAscii } from '../../../abi/ascii.ts';
import { NO_OUTPUT } from '../../../abi/no-output.ts';
import type { CompiledModule } from '../../../module/compile.ts';
import { CONTROL, FLAG, KIND, SharedLayout, SLOT, SLOTS, STATE } from '../layout.ts';
import type { Order, PluginModules, ThreadStart } from '../messages.ts';
import { Patience } from '../patience.ts';
import { Ring } from '../ring.ts';
import { Fiber } from './fiber.ts';
import { HostLine } from './host-line.ts';
import { type Place, Resident } from './resident.ts';
import { Scheduler } from './scheduler.ts';
import { ThreadCall, unwanted } from './thread-call.ts';
import { ThreadWaiting } from './thread-waiting.ts';

// Looks at the inbox, of some 30 ns each: 45 µs, which is what it takes to be woken where a processor has gone to sleep meanwhile, or
// hardly any where nothing comes soon.
const SPINS = { short: 20, long: 1_500 };
// Calls after which the event loop has a turn, in which V8 does what it has put off.
const CALLS_PER_TURN = 1_000;
// A second of nothing to do, after which it has one as well; then twice as long each time.
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

/** One thread of the engine. */
export class ThreadLoop {
  readonly #shared: SharedLayout;
  readonly #inbox: Ring;
  readonly #scheduler: Scheduler;
  readonly #line: HostLine;
  readonly #waiting: ThreadWaiting;
  readonly #patience = new Patience(SPINS.short, SPINS.long);
  readonly #abis = new Abis(true);
  readonly #modules = new Map<number, CompiledModule>();
  readonly #residents = new Map<number, Resident>();
  readonly #fibers: (Fiber | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);

  constructor(start: ThreadStart) {
    this.#shared = new SharedLayout(start.shared);
    const { inbox, control } = this.#shared;
    this.#inbox = new Ring(inbox, control, CONTROL.inboxTail, CONTROL.inboxHead);
    this.#scheduler = new Scheduler(this.#shared, start.epoch);
    this.#line = new HostLine(start, this.#shared, this.#scheduler, (message) => this.#obey(message));
    this.#waiting = new ThreadWaiting(
      start.epoch,
      {
        now: () => this.#scheduler.lookUpNow(),
        later: () => this.#scheduler.lookUpLater(),
        ifTold: () => this.#scheduler.lookUpIfTold(),
      },
      this.#scheduler,
    );
    Atomics.store(control, CONTROL.running, -1);
    Atomics.store(control, CONTROL.up, 1);
    Atomics.notify(control, CONTROL.up);
  }

  /** Serves for as long as the thread lives. */
  async run(): Promise<never> {
    let untilTurn = CALLS_PER_TURN;
    for (;;) {
      const slot = this.#inbox.pop();
      if (slot >= 0) {
        await this.#look(slot);
        untilTurn -= 1;
      }
      // By turns, so that neither new calls nor long ones keep the others waiting.
      const fiber = this.#scheduler.next();
      if (fiber !== undefined) await this.#scheduler.give(fiber, () => fiber.goOn?.());
      else if (slot < 0) await this.#rest();
      if (untilTurn > 0) continue;
      await turnOfTheEventLoop();
      untilTurn = CALLS_PER_TURN;
    }
  }

  // Whatever a slot says now: an entry of the inbox only means that there is something new.
  async #look(slot: number): Promise<void> {
    this.#line.collect();
    const state = this.#shared.state(slot);
    if (state === STATE.queued) return this.#begin(slot);
    const fiber = this.#fibers[slot];
    if (fiber !== undefined && this.#scheduler.isUnwanted(slot)) this.#scheduler.awaken(fiber);
    // What it asks is the host's to look at until that has answered, also for a call that was given up.
    if (fiber?.resume === undefined || state !== STATE.answered) return;
    // First, because then what is in the slot is no answer.
    if (this.#scheduler.isUnwanted(slot)) {
      this.#line.forgo(fiber);
      fiber.instance?.abandon();
      fiber.resume = undefined;
      await this.#scheduler.give(fiber, () => fiber.call?.endEarly(unwanted()));
    } else {
      this.#shared.setState(slot, STATE.started);
      const answer = this.#line.read(slot);
      await this.#scheduler.give(fiber, () => fiber.resume?.(answer));
    }
  }

  async #begin(slot: number): Promise<void> {
    // A thread that is being ended may still be running, and its calls elsewhere already.
    if (!this.#shared.advance(slot, STATE.queued, STATE.started)) return;
    const fiber = new Fiber(slot);
    this.#fibers[slot] = fiber;
    await this.#scheduler.give(fiber, () => this.#serve(fiber));
  }

  #serve(fiber: Fiber): void {
    const { slot } = fiber;
    const resident = this.#residents.get(this.#shared.get(slot, SLOT.plugin));
    let place: Place | undefined;
    try {
      const parts = this.#line.read(slot);
      // Before its instance starts, which may ask for something and be answered in the same slot.
      const kind = this.#shared.get(slot, SLOT.kind);
      if (resident === undefined) throw unwanted();
      const [news, name, input] = parts as [Uint8Array, Uint8Array, Uint8Array];
      fiber.hear = (told) => resident.hear(told);
      fiber.hear(news);
      // Nobody would let go of a place that is made for a call which was given up.
      if (this.#scheduler.isUnwanted(slot)) throw unwanted();
      const own = resident.placeOf(this.#shared.get(slot, SLOT.instance));
      place = own;
      const call = this.#newCall(slot, resident);
      fiber.call = call;
      const output = this.#output(fiber, own, call, kind === KIND.start ? undefined : name, input);
      output.then(
        (bytes) => this.#finish(fiber, own, bytes),
        (error) => this.#fail(fiber, own, error),
      );
    } catch (error) {
      this.#fail(fiber, place, error);
    }
  }

  // What the call comes to, once its instance has started; no name is that of a mere start.
  #output(
    fiber: Fiber,
    place: Place,
    call: ThreadCall,
    name: Uint8Array | undefined,
    input: Uint8Array,
  ): Promise<Uint8Array> {
    const invoke = (instance: Instance): Promise<Uint8Array> | Uint8Array => {
      place.instance = instance;
      fiber.instance = instance;
      return name === undefined ? NO_OUTPUT : instance.invokeAsync(text(name), input, call);
    };
    const instance = place.instance ?? place.resident.start(call);
    return instance instanceof Promise ? instance.then(invoke) : Promise.resolve(invoke(instance));
  }

  #newCall(slot: number, { environment }: Resident): ThreadCall {
    const timeoutMs = this.#shared.get(slot, SLOT.timeoutMs);
    const options: CallOptions = timeoutMs < 0 ? { output: 'view' } : { output: 'view', timeoutMs };
    return new ThreadCall(environment, options, () => this.#scheduler.isUnwanted(slot));
  }

  #finish(fiber: Fiber, place: Place, output: Uint8Array): void {
    const flags = output === NO_OUTPUT ? FLAG.noOutput : 0;
    this.#end(fiber, place, KIND.answer, flags, output);
  }

  #fail(fiber: Fiber, place: Place | undefined, error: unknown): void {
    this.#end(fiber, place, KIND.failure, 0, this.#line.pack(error));
  }

  #end(
    fiber: Fiber,
    place: Place | undefined,
    kind: number,
    flags: number,
    content: Uint8Array | string,
  ): void {
    const { slot, call } = fiber;
    call?.end();
    this.#fibers[slot] = undefined;
    this.#shared.setFuel(slot, call?.fuel);
    const left = this.#leave(place);
    const news = place?.resident.environment.variables.tell(place.resident.unheard) ?? NOTHING;
    this.#line.done(slot, kind, flags | left, [news, content]);
    this.#scheduler.handOver();
  }

  // Leaves an instance behind for the next call, if there may be one; what the host has to know about it.
  #leave(place: Place | undefined): number {
    if (place === undefined) return 0;
    if (place.instance === undefined) return FLAG.spent | FLAG.unmade;
    if (!place.instance.spent) return 0;
    place.instance.dispose();
    place.instance = undefined;
    return FLAG.spent;
  }

  #obey(message: Order): void {
    switch (message.type) {
      case 'open': {
        const { plugin, modules } = message;
        const compiled = this.#compiled(modules);
        this.#residents.set(plugin.id, new Resident(plugin, compiled, this.#abis, this.#line, this.#waiting));
        return;
      }
      case 'module':
        this.#modules.set(message.number, message.module);
        return;
      case 'forget':
        this.#modules.delete(message.module);
        return;
      case 'discard':
        this.#residents.get(message.plugin)?.discard(message.instance);
        return;
      case 'close':
        this.#residents.get(message.plugin)?.close();
        this.#residents.delete(message.plugin);
        return;
      case 'level': {
        const resident = this.#residents.get(message.plugin);
        if (resident !== undefined) resident.environment.logLevel = message.level;
      }
    }
  }

  #compiled({ main, links }: PluginModules): CompiledPlugin {
    const known = (number: number): CompiledModule => this.#modules.get(number) as CompiledModule;
    return { main: known(main), links: new Map([...links].map(([name, number]) => [name, known(number)])) };
  }

  // True when there is something new.
  #spin(wake: number): boolean {
    const { control } = this.#shared;
    for (let spins = this.#patience.looks; spins > 0; spins--) {
      if (Atomics.load(control, CONTROL.wake) !== wake) {
        this.#patience.found();
        return true;
      }
      Atomics.pause();
    }
    return false;
  }

  async #rest(): Promise<void> {
    const { control } = this.#shared;
    for (let ms = FIRST_REST_MS; ; ms = Math.min(2 * ms, LONGEST_REST_MS)) {
      const wake = Atomics.load(control, CONTROL.wake);
      this.#line.collect();
      if (!this.#inbox.empty) return;
      const sleeperMs = this.#scheduler.restMs;
      if (this.#spin(wake)) return;
      const began = performance.now();
      Atomics.store(control, CONTROL.asleep, 1);
      const woken = Atomics.wait(control, CONTROL.wake, wake, Math.max(0, Math.min(ms, sleeperMs)));
      Atomics.store(control, CONTROL.asleep, 0);
      this.#patience.slept(performance.now() - began);
      if (woken !== 'timed-out' || sleeperMs <= ms) return;
      await turnOfTheEventLoop();
    }
  }
}

const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder();

function text(bytes: Uint8Array): string {
  return readShortAscii(bytes, 0, bytes.length) ?? decoder.decode(bytes);
}
