// The one door in: a plugin, whatever it is made of, is called by name with bytes and answers with bytes.
import type { Invocation } from './invocation.ts';

/** The calling convention of a wasm module. */
export type AbiName = 'extism' | 'wapc' | 'apiqube';

/** What can be said about a plugin without running it. */
export interface PluginInfo {
  /** The name under which it was opened; used in logs and errors. */
  readonly name: string;
  /** What it is made of. */
  readonly kind: 'wasm';
  /** Its calling convention. */
  readonly abi: AbiName;
  /** The content address of its bytes; computed when it is first read, if the plugin was opened without one. */
  readonly digest: string;
  /** The names it can be called by. */
  readonly exports: readonly string[];
}

/** What one call is given beside its input. */
export interface CallOptions {
  /** Ends the call early with `canceled`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds after which the call ends with `timeout`. An engine that cannot keep this promise (inline, for a plugin that is not
   * metered) answers `unsupported`.
   */
  readonly timeoutMs?: number | undefined;
  /** Any value; host functions and callbacks of this call see the very same one. */
  readonly context?: unknown;
  /** The invocation that this call belongs to; a new root one when absent. */
  readonly invocation?: Invocation | undefined;
  /**
   * `copy`: the caller owns the output. `view`: where the engine runs on this thread, the output's bytes are the plugin's own
   * exchange memory, valid until the plugin is called again, also by a call that waits for its turn; nothing is copied. @default 'copy'
   */
  readonly output?: 'copy' | 'view' | undefined;
}

/** What a call answered. */
export interface PluginOutput {
  /** The answer's bytes, owned by the caller unless it asked for a view. */
  readonly bytes: Uint8Array;
  /** True when the plugin's memory was discarded after this call, although it succeeded. Its variables are kept. */
  readonly stateLost: boolean;
  /** Units of work that the call of a metered plugin took; undefined when nobody counted. */
  readonly fuel: number | undefined;
  /** The bytes as UTF-8. @throws PlugbayError `invalid` when they are not. */
  text(): string;
  /** The bytes as JSON. @throws PlugbayError `invalid` when they are not. */
  json<T>(): T;
}

/** One function of a plugin, looked up once. */
export interface PluginFunction {
  readonly name: string;
  /** As {@link Plugin.call}. */
  call(input?: Uint8Array | string, options?: CallOptions): Promise<PluginOutput>;
  /** As {@link Plugin.callSync}. */
  callSync(input?: Uint8Array | string, options?: CallOptions): PluginOutput;
}

/** How the instances of a plugin are doing. */
export interface PluginStats {
  /** Instances that exist, busy or not. */
  readonly instances: number;
  /** Instances that serve a call. */
  readonly busy: number;
  /** Calls that wait for an instance. */
  readonly waiting: number;
  /** Calls that an instance has served, whatever their outcome. */
  readonly calls: number;
  /** Instances made since the plugin was opened. */
  readonly created: number;
  /** Instances thrown away: after a trap, a limit or too many uses, for being idle, or for holding too much memory. */
  readonly discarded: number;
}

/** A plugin that is open for calls, of one tenant. */
export interface Plugin extends AsyncDisposable {
  readonly info: PluginInfo;
  /** Whether it can be called by this name; undefined where that cannot be known. */
  has(name: string): boolean | undefined;
  /**
   * Calls the plugin. Calls of one instance run one after the other, first in first out.
   * @throws PlugbayError `not_found` (no such name), `limit`, `timeout`, `canceled`, `trap`, `plugin`, `denied`, `unavailable` (closed).
   */
  call(name: string, input?: Uint8Array | string, options?: CallOptions): Promise<PluginOutput>;
  /**
   * As {@link Plugin.call}, at once; only where the engine runs on this thread. @throws PlugbayError also `unsupported` (something
   * that the plugin imports is answered asynchronously) and `conflict` (no instance is free).
   */
  callSync?(name: string, input?: Uint8Array | string, options?: CallOptions): PluginOutput;
  /** A function of the plugin, for many calls. @throws PlugbayError `not_found`, `invalid` (it is something else). */
  fn?(name: string): PluginFunction;
  /** How its instances are doing; absent where the engine has none. */
  stats?(): PluginStats;
  /** Ends the plugin: new calls get `unavailable`, running ones have `drainMs` (default 0) to finish. May be called again. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}
