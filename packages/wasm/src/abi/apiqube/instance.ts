// One instance of an ApiQube plugin: the guest and the call it serves.
import { type Limits, PAGE_BYTES, PlugbayError } from '@plugbay/core';
import { isExit } from '../../wasi/exit.ts';
import type { Instance } from '../abi.ts';
import type { RunningCall } from '../running-call.ts';
import type { Starting } from '../starting.ts';
import type { SuspendableCall } from '../suspendable-call.ts';
import { instantiationError, trapError } from '../trap.ts';
import type { Assemble, Exports } from './guest.ts';
import type { Initialisation } from './initialisation.ts';
import { PLUGIN_DESTROY, PLUGIN_INIT } from './names.ts';
import { unpack } from './packed.ts';
import type { InstanceState } from './state.ts';

/**
 * Bytes by which an instance's memory may have grown before it is given up. The ABI has guests keep all that they were handed, and
 * all that they answered, until `plugin_destroy`, and memory never shrinks. 16 MiB hold thousands of small calls, and a few with a
 * megabyte; a new instance costs a millisecond.
 */
const RETAINED_GROWTH_BYTES: number = 16 * 1024 * 1024;

const EMPTY = new Uint8Array(0);

type Input = Uint8Array | string | undefined;
type Run<T> = (input?: bigint) => T;

/**
 * A module's instance. Nothing of the guest runs when it is disposed of: what `plugin_destroy` would free goes with the memory, and
 * code that runs outside of any call is code that nothing ends. Whoever wants it called, calls it by name.
 */
export class ApiqubeInstance implements Instance {
  readonly #state: InstanceState;
  readonly #limits: Limits;
  readonly #initialisation: Initialisation;
  readonly #exports: Exports;
  // Bytes of memory beyond which it is spent.
  readonly #retainedBytes: number;
  // What it was initialised with.
  #initialised: Uint8Array | undefined;
  // The function that was called last, and mostly is called again: an instance's exports are a slow object to ask.
  #name = '';
  #function: Run<unknown> | undefined;
  // Those of a plugin with asynchronous imports.
  #promising: Map<string, Run<Promise<unknown>>> | undefined;

  constructor(state: InstanceState, exports: Exports, limits: Limits, initialisation: Initialisation) {
    this.#state = state;
    this.#exports = exports;
    this.#limits = limits;
    this.#initialisation = initialisation;
    this.#retainedBytes = retainedBytes(state.memory.size, limits);
  }

  get spent(): boolean {
    return this.#state.broken || this.#state.memory.size > this.#retainedBytes;
  }

  invoke(name: string, input: Input, call: RunningCall): Uint8Array {
    const length = this.#lengthOf(name, input);
    this.#state.begin(call);
    let returned: unknown;
    try {
      const wanted = this.#missedInitialisation(name);
      if (wanted !== undefined) {
        this.#resolve(PLUGIN_INIT)(this.#hand(wanted, wanted.length));
        this.#initialised = wanted;
      }
      const run = this.#resolve(name);
      returned = run.length === 0 ? run() : run(this.#hand(input, length));
    } catch (thrown) {
      throw this.#left(thrown, name);
    }
    return this.#answer(name, input, returned);
  }

  async invokeAsync(name: string, given: Input, call: SuspendableCall): Promise<Uint8Array> {
    // What is remembered afterwards must not have changed meanwhile.
    const input = name === PLUGIN_INIT && typeof given === 'object' ? new Uint8Array(given) : given;
    const length = this.#lengthOf(name, input);
    this.#state.begin(call);
    let returned: unknown;
    try {
      const wanted = this.#missedInitialisation(name);
      if (wanted !== undefined) {
        await this.#runPromising(PLUGIN_INIT, wanted, wanted.length);
        this.#initialised = wanted;
        call.checkGoing();
      }
      returned = await this.#runPromising(name, input, length);
    } catch (thrown) {
      throw this.#left(thrown, name);
    }
    return this.#answer(name, input, returned);
  }

  abandon(): void {
    this.#state.broken = true;
  }

  dispose(): void {
    this.#state.close();
  }

  // Bytes of the input of a function that takes one. Checked before anything of the guest runs.
  #lengthOf(name: string, input: Input): number {
    if (this.#resolve(name).length === 0) return 0;
    const length = lengthOf(input);
    if (length > this.#limits.inputBytes) {
      throw new PlugbayError(
        'limit',
        `the input has ${length} bytes; inputBytes is ${this.#limits.inputBytes}`,
      );
    }
    if (length > 0) this.#state.memory.requireAllocate();
    return length;
  }

  #hand(input: Input, length: number): bigint {
    if (input === undefined) return 0n;
    this.#state.call.chargeCopy(length);
    return this.#state.memory.write(input, length);
  }

  // What the plugin was initialised with, in an instance other than this one; undefined when this one knows.
  #missedInitialisation(name: string): Uint8Array | undefined {
    const wanted = this.#initialisation.input;
    if (wanted === undefined || name === PLUGIN_INIT || name === PLUGIN_DESTROY) return undefined;
    if (this.#initialised !== undefined && Buffer.compare(wanted, this.#initialised) === 0) return undefined;
    return new Uint8Array(wanted);
  }

  #runPromising(name: string, input: Input, length: number): Promise<unknown> {
    const run = this.#promising?.get(name) ?? this.#resolvePromising(name);
    return this.#resolve(name).length === 0 ? run() : run(this.#hand(input, length));
  }

  // The guest did not return: it trapped, was unwound or exited.
  #left(thrown: unknown, name: string): PlugbayError {
    this.#state.broken = true;
    this.#state.endCall();
    const { failure } = this.#state.call;
    return failure ?? (isExit(thrown) ? exited(name, thrown.code) : trapError(thrown));
  }

  #answer(name: string, input: Input, returned: unknown): Uint8Array {
    const state = this.#state;
    state.endCall();
    // A guest can catch its own exit, and what the host threw at it, and return; what happened is what counts.
    const { exitCode, call } = state;
    if (call.failure !== undefined || exitCode !== undefined) {
      state.broken = true;
      throw call.failure ?? exited(name, exitCode);
    }
    const output = this.#output(name, returned, call.wantsView);
    if (name === PLUGIN_INIT) this.#remember(input);
    // What it was initialised with may be among what it let go of.
    else if (name === PLUGIN_DESTROY) this.#initialised = undefined;
    return output;
  }

  #remember(input: Input): void {
    try {
      this.#initialised = this.#initialisation.remember(input);
    } catch (error) {
      // It would be the only one that knows.
      this.#state.broken = true;
      throw error;
    }
  }

  // Taken at once: the guest may do with its memory what it likes as soon as it runs again.
  #output(name: string, returned: unknown, asView: boolean): Uint8Array {
    if (typeof returned !== 'bigint') return EMPTY;
    const { at, length } = unpack(returned);
    if (length === 0) return EMPTY;
    const { memory } = this.#state;
    if (!memory.has(at, length)) {
      this.#state.broken = true;
      throw new PlugbayError('trap', `${name} answered with ${length} bytes at ${at}, outside of its memory`);
    }
    if (length > this.#limits.outputBytes) {
      throw new PlugbayError(
        'limit',
        `the output has ${length} bytes; outputBytes is ${this.#limits.outputBytes}`,
      );
    }
    return asView ? memory.view(at, length) : memory.copy(at, length);
  }

  #resolve(name: string): Run<unknown> {
    if (this.#function !== undefined && this.#name === name) return this.#function;
    const run = this.#exports[name] as Run<unknown>;
    this.#name = name;
    this.#function = run;
    return run;
  }

  #resolvePromising(name: string): Run<Promise<unknown>> {
    const run = WebAssembly.promising(this.#resolve(name));
    this.#promising ??= new Map();
    this.#promising.set(name, run);
    return run;
  }
}

/** What a module exports once it has started. @throws PlugbayError `trap`, `unavailable`, `plugin`, and what the imports throw. */
export function* startInstance(assemble: Assemble, state: InstanceState): Starting<Exports> {
  let exports: Exports;
  try {
    exports = yield* assemble(state);
    state.endCall();
  } catch (thrown) {
    state.close();
    throw state.call.failure ?? (isExit(thrown) ? exitedEarly(thrown.code) : instantiationError(thrown));
  }
  const { failure } = state.call;
  if (failure === undefined && state.exitCode === undefined) return exports;
  state.close();
  throw failure ?? exitedEarly(state.exitCode);
}

function lengthOf(input: Input): number {
  if (input === undefined) return 0;
  return typeof input === 'string' ? Buffer.byteLength(input) : input.length;
}

// No more than half of what it may grow by: runtimes double their heap, and one that cannot crashes.
function retainedBytes(initial: number, { memoryPages }: Limits): number {
  const room = Math.max(0, memoryPages * PAGE_BYTES - initial);
  return initial + Math.min(RETAINED_GROWTH_BYTES, room / 2);
}

function exited(name: string, code: number | undefined): PlugbayError {
  return new PlugbayError(
    'plugin',
    `the module exited with code ${code ?? 0} instead of returning from ${name}`,
  );
}

function exitedEarly(code: number | undefined): PlugbayError {
  return new PlugbayError('plugin', `the module exited with code ${code ?? 0} while it was starting`, {
    hint: 'Build it as a reactor, which exports _initialize and does not exit, for example with TinyGo and -buildmode=c-shared.',
  });
}
