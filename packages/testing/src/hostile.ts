// Plugins that mean harm, in WebAssembly text: each does one thing that a host must survive, in every ABI it can be written in.
import type { Act, Convention, HostileAbi, HostileEnd, HostileStart } from './hostile/act.ts';
import { APIQUBE } from './hostile/apiqube.ts';
import { EXTISM } from './hostile/extism.ts';
import { WAPC } from './hostile/wapc.ts';
import { wat } from './wat.ts';

export type { HostileAbi, HostileEnd, HostileStart } from './hostile/act.ts';

/** A plugin that means harm. */
export interface HostilePlugin {
  /** The calling convention that it is written in. */
  readonly abi: HostileAbi;
  /** What it does, as in "a plugin that …". */
  readonly name: string;
  /** How `run` ends. What ends `never` has to be stopped: by fuel, or by time. */
  readonly ends: HostileEnd;
  /** Whether it wants to be opened with WASI. */
  readonly wasi: boolean;
  /** The module: `run` does harm, `echo` answers with its input. */
  bytes(): Promise<Uint8Array>;
  /**
   * The same, with the harm done after its host was asked for something: by `app.wait`, a function () -> () or an operation, in the
   * Extism and waPC ABIs; by an HTTP request of `{}` in the ApiQube ABI.
   */
  waiting(): Promise<Uint8Array>;
  /** The same, with the harm done while it starts: by its start function, or by `_initialize`. */
  starting(how: HostileStart): Promise<Uint8Array>;
  /** How its start ends; `well` when nobody notices what it does then. */
  readonly endsStarting: Readonly<Record<HostileStart, HostileEnd | 'well'>>;
}

/** The hostile plugins. All of them need metering to be stopped on the thread that waits for them; those that end by themselves do so without. */
export const HOSTILE_PLUGINS: readonly HostilePlugin[] = [EXTISM, WAPC, APIQUBE].flatMap((convention) =>
  Object.entries(convention.acts).map(([name, act]) => hostilePlugin(convention, name, act)),
);

function hostilePlugin(convention: Convention, name: string, act: Act): HostilePlugin {
  const { starting = act.ends } = act;
  return {
    abi: convention.abi,
    name,
    ends: act.ends,
    wasi: act.wasi ?? false,
    bytes: () => wat(convention.running(act)),
    waiting: () => wat(convention.waiting(act)),
    starting: (how) => wat(convention.starting(act, how)),
    endsStarting: { start: act.inStart ?? starting, _initialize: starting },
  };
}
