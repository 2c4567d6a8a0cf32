// A thread that guards, rewrites and compiles modules, so that large ones hold nobody up.
import type { Worker } from 'node:worker_threads';
import { type Clock, messageOf, PlugbayError, systemClock, type Timer } from '@plugbay/core';
import type { GuardPolicy } from '../binary/policy.ts';
import { spawn } from '../engine/spawn.ts';
import type { CompiledModule, Recipe } from './compile.ts';
import type { CompileAnswer, CompileRequest, CompileThreadData } from './compile-messages.ts';

/** How a thread compiles. */
export interface CompileThreadOptions {
  /** Whether another thread works on the exchange memories of what it compiles as well. @default false */
  readonly sharedExchange?: boolean;
  /** Says when it has been idle for long. @default the machine's own time */
  readonly clock?: Clock;
  /** Megabytes that its heap may have; a module that needs more ends it. @default 512 */
  readonly heapMegabytes?: number;
}

// 30 s: a host that opens plugins one after the other keeps it, one that has opened them all gets its 10 MB back.
const IDLE_MS = 30_000;

// 512 MiB: twice what 200,000 functions in 31 MB of code take, which is the most that are let in. A module of nothing but loops
// takes more; it ends this thread and not the process.
const HEAP_MEGABYTES = 512;

interface Pending {
  readonly request: CompileRequest;
  resolve(compiled: CompiledModule): void;
  reject(error: PlugbayError): void;
}

/**
 * Compiles modules on a thread of its own, one after the other in the order in which they come. The thread is started for the first,
 * and ended when it has been idle for 30 s; it keeps the process alive only while it has something to compile.
 */
export class CompileThread {
  readonly #data: CompileThreadData;
  readonly #clock: Clock;
  readonly #heapMegabytes: number;
  // The first is being compiled.
  readonly #queue: Pending[] = [];
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  #closed = false;

  constructor(options: CompileThreadOptions = {}) {
    const { sharedExchange = false, clock = systemClock, heapMegabytes = HEAP_MEGABYTES } = options;
    this.#data = { sharedExchange };
    this.#clock = clock;
    this.#heapMegabytes = heapMegabytes;
  }

  /**
   * Compiles these bytes as they are now. The recipe's `companionOf` is not called: that there is one says that the companion of the
   * module's calling convention becomes a part of it.
   * @throws PlugbayError as {@link compileModule}; `unavailable` (the thread ended, such as for want of memory, or it is closed).
   */
  compile(bytes: Uint8Array, policy: GuardPolicy, recipe: Recipe): Promise<CompiledModule> {
    if (this.#closed) return Promise.reject(closed());
    const { companionOf, ...rest } = recipe;
    // A copy, whose bytes go to the thread: the caller's may change, or be a part of something larger.
    const request = {
      bytes: new Uint8Array(bytes),
      policy,
      recipe: rest,
      merges: companionOf !== undefined,
    };
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject });
      if (this.#queue.length === 1) this.#serveFirst();
    });
  }

  /** Ends the thread. What it has not compiled fails with `unavailable`, and so does what comes later. */
  close(): void {
    this.#closed = true;
    this.#end();
    for (const { reject } of this.#queue.splice(0)) reject(closed());
  }

  #serveFirst(): void {
    const [first] = this.#queue;
    if (first === undefined) return this.#rest();
    this.#idle?.cancel();
    try {
      this.#worker ??= this.#start();
      this.#worker.ref();
      this.#worker.postMessage(first.request, [first.request.bytes.buffer as ArrayBuffer]);
    } catch (error) {
      this.#failFirst(error);
    }
  }

  #rest(): void {
    if (this.#worker === undefined) return;
    this.#worker.unref();
    this.#idle = this.#clock.timer(IDLE_MS, () => this.#end());
  }

  #end(): void {
    const worker = this.#worker;
    this.#idle?.cancel();
    this.#worker = undefined;
    void worker?.terminate();
  }

  #start(): Worker {
    const worker = spawn(new URL('./compile-entry.ts', import.meta.url), {
      name: 'plugbay compile',
      workerData: this.#data,
      resourceLimits: { maxOldGenerationSizeMb: this.#heapMegabytes },
    });
    let failure: unknown;
    const fail = (error: unknown): void => {
      failure = error;
      void worker.terminate();
    };
    worker.on('message', (answer: CompileAnswer) => {
      if (worker === this.#worker) this.#answerFirst(answer);
    });
    worker.on('error', fail);
    worker.on('messageerror', fail);
    worker.on('exit', (code) => {
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      this.#failFirst(failure ?? new Error(`exit code ${code}`));
    });
    return worker;
  }

  #answerFirst(answer: CompileAnswer): void {
    const first = this.#queue.shift();
    if ('compiled' in answer) first?.resolve(answer.compiled);
    else {
      const { code, message, hint } = answer.failure;
      first?.reject(new PlugbayError(code, message, { hint }));
    }
    this.#serveFirst();
  }

  // Also when there is none, because an idle thread ended.
  #failFirst(cause: unknown): void {
    this.#queue.shift()?.reject(ended(cause));
    this.#serveFirst();
  }
}

function ended(cause: unknown): PlugbayError {
  return new PlugbayError('unavailable', `the thread that compiles the module ended: ${messageOf(cause)}`, {
    cause,
    hint: 'A module with less code takes less memory to compile.',
  });
}

function closed(): PlugbayError {
  return new PlugbayError('unavailable', 'the thread that compiles modules is closed');
}
