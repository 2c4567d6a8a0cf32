// The contract between engines and calling conventions: an ABI knows how to talk to a module, an engine when and where.
import type { AbiName, PlugbayError } from '@plugbay/core';
import type { Companion } from '../module/companion.ts';
import type { CompiledModule } from '../module/compile.ts';
import type { Environment } from './environment.ts';
import type { RunningCall } from './running-call.ts';
import type { Starting } from './starting.ts';
import type { SuspendableCall } from './suspendable-call.ts';

/** A calling convention. */
export interface Abi {
  readonly name: AbiName;
  /** What becomes a part of a plugin's module, when it is the only one; undefined when nothing does. */
  readonly companion?: Companion | undefined;
  /**
   * Settles, once per plugin, who answers each import of its modules.
   * @throws PlugbayError `invalid` (nobody does), `unsupported` (nobody can, on this engine), `denied`.
   */
  link(plugin: CompiledPlugin, environment: Environment): LinkedModule;
}

/** A plugin's modules. */
export interface CompiledPlugin {
  readonly main: CompiledModule;
  /** Those that it may import from, by name. */
  readonly links: ReadonlyMap<string, CompiledModule>;
}

/** A module with its imports settled, and what its instances have in common: configuration and variables. */
export interface LinkedModule {
  /** The names it can be called by. */
  readonly names: readonly string[];
  /** Whether it can be called by this name; undefined where that cannot be known: then it can be tried. */
  has(name: string): boolean | undefined;
  /** Why it cannot be called by this name: `not_found`, or `invalid` when it is something else. */
  refusal(name: string): PlugbayError;
  /** What it imports that is answered asynchronously, by name; with any, its instances are called with {@link Instance.invokeAsync}. */
  readonly asynchronous: readonly string[];
  /**
   * Starts a new instance, which is initialised when it ends. What the module asks of its host meanwhile is charged to `call`.
   * @throws PlugbayError `trap`, `unavailable` (no memory), and what its imports throw.
   */
  start(call: RunningCall): Starting<Instance>;
}

/** One running copy of a module; it serves one call at a time. */
export interface Instance {
  /**
   * Calls the plugin by one of {@link LinkedModule.names}; `NO_OUTPUT` when it gave none. The answer's bytes belong to the caller, unless they are a view of the
   * instance's memory that was asked for.
   * @throws PlugbayError `limit`, `trap`, `plugin`, and what its imports throw.
   */
  invoke(name: string, input: Uint8Array | string | undefined, call: RunningCall): Uint8Array;
  /** As {@link invoke}, for a guest that may be suspended. */
  invokeAsync(
    name: string,
    input: Uint8Array | string | undefined,
    call: SuspendableCall,
  ): Promise<Uint8Array>;
  /** Whether it must not be called again: it was left in the middle of something, or it holds too much memory. */
  readonly spent: boolean;
  /** Gives it up where it is: its guest may be suspended, and is unwound then. It is spent. */
  abandon(): void;
  /** Lets go of what it holds beside memory. It is not called afterwards. */
  dispose(): void;
}
