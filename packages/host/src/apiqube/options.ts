// With what protocol plugins are loaded.
import type { Clock, Limits, Logger, Runtime, WasiGrants } from '@plugbay/core';
import type { HttpCallLimits, Resolve } from '@plugbay/io';
import type { CapabilityGrants } from './capability.ts';

/** What the capability `http` lets a plugin do. */
export interface HttpOptions extends HttpCallLimits {
  /**
   * Hosts without scheme and port: names (`api.example.com`, `127.0.0.1`), which may be anywhere, and patterns (`*.example.com`, `*`),
   * which may be at public addresses only. @default ['*'], every host at a public address
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Resolves names. @default the machine's own resolver */
  readonly resolve?: Resolve | undefined;
  /** Bytes of a request's body. @default 4194304, 4 MiB */
  readonly maxRequestBytes?: number | undefined;
  /** Bytes of an answer's body, decoded. @default 4194304, 4 MiB */
  readonly maxResponseBytes?: number | undefined;
  /** Milliseconds for all of it, also when the plugin asks for more. @default 30000 */
  readonly timeoutMs?: number | undefined;
}

/** With what a {@link WasmRuntime} is made. All plugins of one runtime are of one tenant. */
export interface WasmRuntimeOptions {
  /** What plugins are granted, all of them or by the names they are loaded under. @default nothing */
  readonly capabilities?: CapabilityGrants | undefined;
  /** What those who are granted `http` can do with it. */
  readonly http?: HttpOptions | undefined;
  /** What runs the modules, which the app closes itself. @default threads of its own, which end with it */
  readonly runtime?: Runtime | undefined;
  /** Below which nothing is shared with other users of the same `runtime`. @default 'apiqube' */
  readonly tenant?: string | undefined;
  /** Laid over the defaults of `@plugbay/core`, of which `callMs` has the time of a request on top: 40 s where nothing else is said. */
  readonly limits?: Partial<Limits> | undefined;
  /** What they may use of WASI preview 1, false for nothing. @default time, random numbers, and standard output as log lines */
  readonly wasi?: WasiGrants | false | undefined;
  /** Whether they count their work, so that `limits.fuel` holds. Costs speed; the inline engine cannot stop a call without. @default false */
  readonly metered?: boolean | undefined;
  /**
   * Milliseconds that `plugin_info` may take. @default 10000; none for plugins that are not metered on a `runtime` of the app's: not every
   * engine can stop one
   */
  readonly loadTimeoutMs?: number | undefined;
  /** What plugins log, and what is odd about them. @default writes nothing */
  readonly logger?: Partial<Logger> | undefined;
  /** What the deadlines of calls go by. What plugins on threads read is the machine's own time. @default the machine's own time */
  readonly clock?: Clock | undefined;
}
