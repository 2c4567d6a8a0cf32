// What surrounds one open plugin: settled when it is opened, the same for all its instances.
import type { Clock, HostDoor, HostFunctions, Limits, Logger, WasiGrants } from '@plugbay/core';
import type { Closing } from './closing.ts';
import type { Variables } from './variables.ts';
import type { Waiting } from './waiting.ts';

/** What an ABI may use to serve one plugin of one tenant. */
export interface Environment {
  /** The plugin's name. */
  readonly plugin: string;
  readonly tenant: string;
  readonly limits: Limits;
  readonly config: Readonly<Record<string, string>>;
  readonly door: HostDoor;
  readonly functions: HostFunctions;
  /** What it may use of WASI; undefined when nothing. */
  readonly wasi: WasiGrants | undefined;
  /** Whether the module's work is counted, so that a running call can be stopped. */
  readonly metered: boolean;
  /** Whether functions keep their names. */
  readonly keepNames: boolean;
  /** The plugin's variables, when whoever opens it keeps them; else it has its own, within `variableBytes`. */
  readonly variables?: Variables | undefined;
  /**
   * Whether each import from a linked command keeps an instance of its own; otherwise every call of such an import gets a new one,
   * as in the Extism runtime. @default false
   */
  readonly keepsCommands?: boolean | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  /** A new id for a call that came without an invocation. */
  newInvocationId(): string;
  /** How guests wait on this thread; undefined where they are only suspended, by what is declared asynchronous. */
  readonly waiting?: Waiting | undefined;
  /** The end of the plugin. */
  readonly closing: Closing;
}
