// With what a host, and a plugin on it, are opened.
import type { Callback, Grant } from '@plugbay/callbacks';
import type { Clock, HostFunctions, Limits, Logger, Runtime } from '@plugbay/core';

/** With what a host is made. Plugins inherit what they do not set themselves. */
export interface HostOptions {
  /** What answers host calls of plugins that were granted them. */
  readonly callbacks?: readonly Callback[] | undefined;
  /** Wasm imports that the app provides itself: trusted, low level. */
  readonly functions?: HostFunctions | undefined;
  /** Laid over the defaults of `@plugbay/core`. */
  readonly limits?: Partial<Limits> | undefined;
  /** What plugins log goes here. @default writes nothing */
  readonly logger?: Partial<Logger> | undefined;
  /** @default the machine's own time */
  readonly clock?: Clock | undefined;
  /** What runs wasm plugins. @default the inline engine of `@plugbay/wasm` */
  readonly runtime?: Runtime | undefined;
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
}

/** Where a plugin's bytes are: a locator, or the bytes themselves with a name for logs and errors. */
export type PluginOrigin =
  | { readonly locator: string }
  | { readonly name: string; readonly bytes: Uint8Array };
