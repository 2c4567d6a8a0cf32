// With what a host, and a plugin on it, are opened.
import type { Callback, Grant } from '@plugbay/callbacks';
import type {
  Clock,
  HostFunctions,
  Limits,
  Logger,
  OpenOptions,
  Plugin,
  PluginSource,
  PoolOptions,
  Runtime,
  WasiGrants,
} from '@plugbay/core';

/** A runtime, and what its plugins are. */
export interface RuntimeOf<P extends Plugin> extends Runtime {
  open(source: PluginSource, options: OpenOptions): Promise<P>;
}

/** With what a host is made. Plugins inherit what they do not set themselves. */
export interface HostOptions<P extends Plugin = Plugin> {
  /** What answers host calls of plugins that were granted them. */
  readonly callbacks?: readonly Callback[] | undefined;
  /** Wasm imports that the app provides itself: trusted, low level. `async` ones make the plugin wait, and not this thread. */
  readonly functions?: HostFunctions | undefined;
  /** Laid over the defaults of `@plugbay/core`. */
  readonly limits?: Partial<Limits> | undefined;
  /** What plugins may use of WASI preview 1; `{}` is time, random numbers, and standard output as log lines. @default nothing */
  readonly wasi?: WasiGrants | undefined;
  /** Whether plugins count their work, so that `limits.fuel` holds. Costs speed; the inline engine cannot stop a call without. @default false */
  readonly metered?: boolean | undefined;
  /** Whether functions of plugins keep their names, for the stacks of traps. @default false */
  readonly keepNames?: boolean | undefined;
  /** How many instances a plugin has, and for how long. @default one, for as long as it is open */
  readonly pool?: PoolOptions | undefined;
  /** What plugins log goes here. @default writes nothing */
  readonly logger?: Partial<Logger> | undefined;
  /** What the deadlines of calls go by. What plugins on threads read is the machine's own time. @default the machine's own time */
  readonly clock?: Clock | undefined;
  /**
   * What runs wasm plugins, which the app closes itself: `createInlineRuntime()` of `@plugbay/wasm` for plugins that the app trusts to
   * end. @default threads of the host's own, which end with it
   */
  readonly runtime?: RuntimeOf<P> | undefined;
}

/** With what one plugin is opened. */
export interface PluginOptions {
  /** For whom it runs: variables, memory and instances are never shared across tenants. */
  readonly tenant: string;
  /** What it reads as its configuration. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Laid over the host's. */
  readonly limits?: Partial<Limits> | undefined;
  /** What it may use. @default the host's functions, and no callback */
  readonly grants?: readonly Grant[] | undefined;
  /** What it may use of WASI, instead of what the host says; false for nothing. @default the host's */
  readonly wasi?: WasiGrants | false | undefined;
  /** @default the host's */
  readonly metered?: boolean | undefined;
  /** @default the host's */
  readonly keepNames?: boolean | undefined;
  /** Laid over the host's. */
  readonly pool?: PoolOptions | undefined;
}

/**
 * Where a plugin's bytes are: a locator, or the bytes themselves with a name for logs and errors. Of bytes that are opened more
 * than once, a `digest` spares compiling them again; without one they are not hashed. `links` are modules that it imports from.
 */
export type PluginOrigin = { readonly locator: string } | PluginSource;
