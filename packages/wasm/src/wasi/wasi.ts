// WASI preview 1 for one instance of a module.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
import { messageOf, PlugbayError } from '@plugbay/core';
import { descriptorCalls } from './calls/descriptor.ts';
import { directoryCalls } from './calls/directory.ts';
import { ioCalls } from './calls/io.ts';
import { openCalls } from './calls/open.ts';
import { pathCalls } from './calls/paths.ts';
import { pollCalls } from './calls/poll.ts';
import { processCalls } from './calls/process.ts';
import { stringCalls } from './calls/strings.ts';
import { Clocks } from './clocks.ts';
import { Descriptors } from './descriptors.ts';
import { ERRNO, errnoName } from './errno.ts';
import { Exit } from './exit.ts';
import { HostDirectory } from './files/host-directory.ts';
import { OpenDirectory } from './files/open-directory.ts';
import { GuestMemory } from './guest-memory.ts';
import type { WasiHost } from './host.ts';
import { type Layouts, PREVIEW0, PREVIEW1 } from './layouts.ts';
import type { WasiPlan } from './plan.ts';
import { randomSource } from './random.ts';
import { wasiSignature } from './signatures.ts';
import type { WasiCall, WasiState } from './state.ts';
import { Stream } from './stream.ts';
import { ALL_RIGHTS, DIRECTORY_RIGHTS } from './values.ts';

/** A function as the guest calls it: an i32 comes as a number, an i64 as a bigint. */
export type WasiFunction = (...parameters: (number | bigint)[]) => number;

/** The functions by name; it has no prototype, because a module names its imports as it likes. */
export type WasiImports = Readonly<Record<string, WasiFunction | undefined>>;

/**
 * The WASI of one instance, from before it is made until it is dropped.
 *
 * Its functions answer an error number for whatever the guest does; a pointer that is outside is `EFAULT`, and then nothing was
 * done. They throw in two cases: the guest has called `proc_exit` (an {@link Exit}), or what the host gave us threw. They check
 * neither their number of parameters nor the types of these: a module's imports are compared with {@link wasiSignature} when it is
 * linked.
 */
export class Wasi {
  readonly #state: WasiState;
  readonly #memory = new GuestMemory();
  readonly #descriptors: Descriptors;
  readonly #imports = new Map<string, WasiImports>();
  #exit: Exit | undefined = undefined;

  /**
   * Opens the granted directories.
   * @throws PlugbayError `unavailable` when one of them cannot be opened; then none stays open.
   */
  constructor(plan: WasiPlan, host: WasiHost) {
    this.#descriptors = new Descriptors([
      Stream.input(plan.stdin),
      Stream.output('stdout', plan.stdout, host),
      Stream.output('stderr', plan.stderr, host),
      ...preopen(plan),
    ]);
    this.#state = {
      memory: this.#memory,
      descriptors: this.#descriptors,
      clocks: new Clocks(plan.clock, host),
      random: randomSource(plan.random),
      args: plan.args,
      env: plan.env,
      exit: (code) => {
        this.#exit = new Exit(code);
        throw this.#exit;
      },
    };
  }

  /** What the guest gave as its exit code, unsigned; undefined while it has not exited. A guest that exited cannot be called again. */
  get exitCode(): number | undefined {
    return this.#exit?.code;
  }

  /** Lets a guest that exited be called again: one whose main function is done, and whose other functions are what it is for. */
  resume(): void {
    this.#exit = undefined;
  }

  /** The functions that a module imports under this name, one of {@link WASI_NAMESPACES}; of none under any other. */
  imports(namespace: string): WasiImports {
    const made = this.#imports.get(namespace);
    if (made !== undefined) return made;
    const imports = this.#make(namespace);
    this.#imports.set(namespace, imports);
    return imports;
  }

  /**
   * Takes what the instance exports as `memory`. Until then, and when that is no memory, every pointer is `EFAULT`: so it is for
   * a start function, which runs before there are exports.
   */
  bind(memory: unknown): void {
    this.#memory.bind(memory instanceof WebAssembly.Memory ? memory : undefined);
  }

  /** Ends a call of the guest: hands over captured output that has no newline yet. @throws what the host's `line` throws. */
  endCall(): void {
    this.#descriptors.flush();
  }

  /** Closes every descriptor; afterwards all functions over descriptors answer `EBADF`. Closing twice does nothing. */
  close(): void {
    this.#descriptors.closeAll();
  }

  #make(namespace: string): WasiImports {
    const imports: Record<string, WasiFunction> = Object.create(null);
    const layouts = LAYOUTS.get(namespace);
    if (layouts === undefined) return imports;
    const state = this.#state;
    const calls: Record<string, WasiCall> = {
      ...stringCalls(state),
      ...processCalls(state),
      ...pollCalls(state, layouts),
      ...ioCalls(state, layouts),
      ...descriptorCalls(state, layouts),
      ...directoryCalls(state),
      ...openCalls(state),
      ...pathCalls(state, layouts),
    };
    for (const [name, call] of Object.entries(calls)) {
      if (wasiSignature(namespace, name) !== undefined) imports[name] = this.#guard(call);
    }
    return Object.freeze(imports);
  }

  // Nine parameters, the most that a function of WASI has: gathering them in an array would cost more than most functions do.
  #guard(call: WasiCall): WasiFunction {
    const act = call as (...parameters: unknown[]) => void;
    return (a, b, c, d, e, f, g, h, i) => {
      // A guest may catch the exit and go on.
      if (this.#exit !== undefined) throw this.#exit;
      try {
        act(a, b, c, d, e, f, g, h, i);
        return ERRNO.SUCCESS;
      } catch (thrown) {
        const error = errnoName(thrown);
        if (error === undefined) throw thrown;
        return ERRNO[error];
      }
    };
  }
}

const LAYOUTS: ReadonlyMap<string, Layouts> = new Map([
  ['wasi_snapshot_preview1', PREVIEW1],
  ['wasi_unstable', PREVIEW0],
]);

function preopen({ directories }: WasiPlan): OpenDirectory[] {
  const opened: OpenDirectory[] = [];
  try {
    for (const { host, guest, readOnly = false } of directories) {
      opened.push(
        new OpenDirectory({
          host: HostDirectory.open(host),
          rights: { base: DIRECTORY_RIGHTS, inheriting: ALL_RIGHTS },
          flags: 0,
          readOnly,
          preopened: Buffer.from(guest),
        }),
      );
    }
    return opened;
  } catch (cause) {
    for (const directory of opened) directory.close();
    throw new PlugbayError('unavailable', `a granted directory cannot be opened: ${messageOf(cause)}`, {
      cause,
    });
  }
}
