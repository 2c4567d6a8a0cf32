// The names and shapes that code written for the Extism project's SDK for JavaScript uses.
import type { CallContext } from './call-context.ts';
import type { PluginOutput } from './output.ts';

/** The severity of a log line, or none at all. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A plugin's configuration. */
export interface PluginConfigLike {
  [key: string]: string;
}

/** A plugin's configuration. */
export type PluginConfig = Record<string, string>;

/** Limits of a plugin's memory; 0 is the same as absent. */
export interface MemoryOptions {
  /**
   * Pages of 64 KiB that all live blocks of Extism memory may have together, and by which the module's own memory may grow.
   * @default unlimited
   */
  maxPages?: number | undefined;
  /** Bytes of the body of one HTTP response. @default unlimited */
  maxHttpResponseBytes?: number | undefined;
  /** Bytes of the values of all variables. @default unlimited */
  maxVarBytes?: number | undefined;
}

/** What writes log lines: `console`, or anything with these methods of it. */
export type PluginLogger = Pick<Console, Exclude<LogLevel, 'silent'>>;

/** A host function: an i64 is a bigint, other numbers are numbers. It may be `async`. */
// biome-ignore lint/suspicious/noExplicitAny: what a function takes and returns is up to the module that imports it.
export type PluginFunction = (callContext: CallContext, ...args: any[]) => any;

/** With what a plugin is created. What is absent, the manifest may say; what is in both is taken from here. */
export interface ExtismPluginOptions {
  /** Whether the plugin may use WASI preview 1. @default false */
  useWasi?: boolean | undefined;
  /**
   * Whether the plugin runs on another thread, where it keeps nobody else from running and can be stopped at any time. Its host
   * functions run on this one. @default false
   */
  runInWorker?: boolean | undefined;
  /** @default console */
  logger?: PluginLogger | undefined;
  /** The least severe level that is written. @default 'silent' */
  logLevel?: LogLevel | undefined;
  /** Host functions by namespace and name. */
  functions?: { [namespace: string]: { [name: string]: PluginFunction } } | undefined;
  /** What the plugin calls a folder → where it is on the host; a place that begins with `ro:` is for reading only. */
  allowedPaths?: { [guest: string]: string } | undefined;
  /**
   * Names and patterns (`*`, `?`, `[a-z]`) of hosts that the plugin may send HTTP requests to. A name may be of a private
   * network, a pattern grants public addresses only. @default none
   */
  allowedHosts?: string[] | undefined;
  memory?: MemoryOptions | undefined;
  /**
   * Milliseconds for one call, and for the start; 0 is the same as absent. On this thread, the plugin is metered then.
   * @default unlimited
   */
  timeoutMs?: number | null | undefined;
  /** Whether what the plugin writes to stdout and stderr is shown. @default whether EXTISM_ENABLE_WASI_OUTPUT is set */
  enableWasiOutput?: boolean | undefined;
  config?: PluginConfigLike | undefined;
  /** Sends the plugin's HTTP requests, and loads modules and manifests that are URLs. @default connections of its own, and fetch */
  fetch?: typeof fetch | undefined;
  /** Whether the plugin sees the headers of HTTP responses. @default false */
  allowHttpResponseHeaders?: boolean | undefined;
  /** The SDK's buffer between a worker and its host. It changes nothing here: what is shared has a size of its own. */
  sharedArrayBufferSize?: number | undefined;
  /** How the SDK starts a worker. It changes nothing here: workers are shared by plugins. */
  nodeWorkerArgs?: object | undefined;
}

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

type ForManifests = Pick<
  ExtismPluginOptions,
  'allowedPaths' | 'allowedHosts' | 'memory' | 'config' | 'timeoutMs'
>;

/** The options that a manifest may contain, spelled as JavaScript does or as the manifest's format does. */
export type ManifestOptions = ForManifests & {
  [Name in keyof ForManifests as SnakeCase<Name>]?: ForManifests[Name];
};

/** A module's bytes. In JSON they are base64. */
export interface ManifestWasmData {
  data: Uint8Array | string;
}

/** Where a module is fetched from. */
export interface ManifestWasmUrl {
  url: URL | string;
  /** @default 'GET' */
  method?: string | undefined;
  headers?: Record<string, string> | undefined;
}

/** The file that a module is. */
export interface ManifestWasmPath {
  path: string;
}

/** A module that has been fetched. */
export interface ManifestWasmResponse {
  response: Response;
}

/** A module that has been compiled. Nothing of it can be limited or stopped: it is for code that is trusted. */
export interface ManifestWasmModule {
  module: WebAssembly.Module;
}

/** One module of a plugin. */
export type ManifestWasm = (
  | ManifestWasmUrl
  | ManifestWasmData
  | ManifestWasmPath
  | ManifestWasmResponse
  | ManifestWasmModule
) & {
  /** What other modules import it by. @default 'main' for the last one */
  name?: string | undefined;
  /** The hex SHA-256 of its bytes. */
  hash?: string | undefined;
};

/** What a plugin is made of and what it may use. */
export interface Manifest extends ManifestOptions {
  wasm: Array<ManifestWasm>;
}

/**
 * What a plugin can be created from. A string is JSON when it begins with `{`, a URL when it begins with `http:`, `https:` or
 * `file:`, and the path of a module otherwise.
 */
export type ManifestLike = Manifest | Response | WebAssembly.Module | ArrayBuffer | Uint8Array | string | URL;

/** An export of a module. */
export interface ModuleExport {
  name: string;
  kind: WebAssembly.ExternalKind;
}

/** An import of a module. */
export interface ModuleImport extends ModuleExport {
  module: string;
}

/** A plugin that is open for calls. */
export interface Plugin {
  /** Whether the main module exports a function of this name. */
  functionExists(funcName: string): Promise<boolean>;
  /** Calls a function: what it answered, or null when it set no output. `hostContext` is for the host functions of this call. */
  call<T>(
    funcName: string,
    input?: string | number | Uint8Array,
    hostContext?: T,
  ): Promise<PluginOutput | null>;
  /** The main module's exports. */
  getExports(): Promise<ModuleExport[]>;
  /** The main module's imports. */
  getImports(): Promise<ModuleImport[]>;
  /** The main module's instance; rejects for a plugin in a worker. After a trap or a timeout there is another one. */
  getInstance(): Promise<WebAssembly.Instance>;
  /** Whether a call is running. */
  isActive(): boolean;
  /** Forgets every block of Extism memory; variables and the module's own memory stay. False while a call is running. */
  reset(): Promise<boolean>;
  /** Ends the plugin; it cannot be called afterwards. */
  close(): Promise<void>;
}
