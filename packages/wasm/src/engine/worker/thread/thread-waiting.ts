// How guests wait on a thread: they are suspended where that is possible, else the thread is blocked.

import type { AnsweredImport, ImportFunction, Waiting } from '../../../abi/waiting.ts';
import { EPOCH } from '../../../binary/added-names.ts';
import { eitherModule } from '../../../binary/either.ts';
import { type FunctionType, isUntyped, signature } from '../../../binary/types.ts';

/** What guests do when they look up from their work: 1 to go on, 0 to end. */
export interface LookUp {
  readonly now: () => number;
  readonly later: () => number | Promise<number>;
  readonly ifTold: () => number | Promise<number>;
}

/** How a guest lets time pass. Milliseconds. */
export interface Pause {
  /** Blocks the thread, until the time is over or the call is given up. */
  block(ms: number): void;
  /** Lets others have the thread meanwhile. */
  later(ms: number): Promise<void>;
}

/** The {@link Waiting} of one thread. */
export class ThreadWaiting implements Waiting {
  readonly imports: Waiting['imports'];
  readonly lookUp: Waiting['lookUp'];
  // 1 while what runs was entered so that it can be suspended.
  readonly #suspends = new WebAssembly.Global({ value: 'i32', mutable: true }, 1);
  readonly #modules = new Map<string, WebAssembly.Module>();

  // Milliseconds to sleep afterwards; undefined when nobody gathers them.
  #put: number | undefined;
  readonly #pause: Pause;

  constructor(epoch: WebAssembly.Memory, lookUp: LookUp, pause: Pause) {
    this.#pause = pause;
    this.lookUp = lookUp.ifTold;
    const type: FunctionType = { parameters: [], results: ['i32'] };
    this.imports = { [EPOCH.module]: { [EPOCH.memory]: epoch, [EPOCH.lookUp]: this.either(type, lookUp) } };
  }

  either(type: FunctionType, { now, later }: AnsweredImport): unknown {
    // Nothing can be built in front of an import of unknown type.
    if (isUntyped(type)) return now;
    const host = { suspends: this.#suspends, now, later: new WebAssembly.Suspending(later) };
    const { exports } = new WebAssembly.Instance(this.#module(type), { host });
    const { call } = exports;
    return call as ImportFunction;
  }

  sleep = (ms: number): void => {
    if (this.#put === undefined) this.#pause.block(ms);
    else this.#put += ms;
  };

  sleeping<T>(run: () => T): T | Promise<T> {
    this.#put = 0;
    let ms: number;
    let result: T;
    try {
      result = run();
    } finally {
      ms = this.#put;
      this.#put = undefined;
    }
    return ms > 0 ? this.#pause.later(ms).then(() => result) : result;
  }

  unsuspended<T>(run: () => T): T {
    const before = this.#suspends.value;
    this.#suspends.value = 0;
    try {
      return run();
    } finally {
      this.#suspends.value = before;
    }
  }

  #module(type: FunctionType): WebAssembly.Module {
    const key = signature(type);
    const known = this.#modules.get(key);
    if (known !== undefined) return known;
    const module = new WebAssembly.Module(eitherModule(type));
    this.#modules.set(key, module);
    return module;
  }
}
