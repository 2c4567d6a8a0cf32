// What a client is made with, checked once.
import { join } from 'node:path';
import {
  type Clock,
  completeLogger,
  DEFAULT_LIMITS,
  type HostFunctions,
  type Limits,
  type Logger,
  PlugbayError,
  type PoolOptions,
  resolveLimits,
  resolvePool,
  systemClock,
  type WasiGrants,
} from '@plugbay/core';
import { checkMemory, type MemoryOptions } from './memory.ts';
import { wasiGrants } from './wasi.ts';

/** With what a client is made. The names are those of the XTP client where it has the same option. */
export interface ClientOptions {
  /** A token of a member of the app: `xtp0_…` */
  readonly token: string;
  /** `app_…` */
  readonly appId: string;
  /** Where the server is; only the origin counts. @default 'http://127.0.0.1:7070' */
  readonly baseUrl?: string | undefined;
  /** What sends requests to the server; plugins' own requests do not go through it. @default globalThis.fetch */
  readonly fetch?: typeof fetch | undefined;
  /**
   * Where plugins run. `worker`: on threads of this client's, where one that does not end is stopped, and keeps nobody else waiting.
   * `inline`: on this thread, for plugins that you trust to end; a call is then several microseconds faster. @default 'worker'
   */
  readonly engine?: 'worker' | 'inline' | undefined;
  /** The XTP client's name for `engine: 'worker'`. @default what `engine` says */
  readonly runInWorker?: boolean | undefined;
  /** Wasm imports that the app provides itself, which run on this thread. `async` ones make the plugin wait, and not this thread. @default none */
  readonly functions?: HostFunctions | undefined;
  /** Whether plugins may use WASI preview 1: time, random numbers, and standard output as log lines. @default true */
  readonly useWasi?: boolean | undefined;
  /**
   * Folders for plugins that use WASI, the same ones for all guests: what a plugin calls a folder → where it is on the host. `ro:`
   * before the place makes it one to read only. @default none
   */
  readonly allowedPaths?: Readonly<Record<string, string>> | undefined;
  /**
   * Hosts that plugins may send HTTP requests to, without scheme and port: names (`api.example.com`), which may be anywhere, and
   * patterns (`*.example.com`), which may be at public addresses only. @default none
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Milliseconds that one call of a plugin may take, without finding, fetching and opening it. On this thread (`engine: 'inline'`)
   * plugins are metered for it, which costs speed. @default on threads `limits.callMs`, which begins when the call has its turn; else no limit
   */
  readonly timeoutMs?: number | undefined;
  /** Limits of a plugin's memory, under the names of the XTP client; `limits` comes first. @default those of `limits` */
  readonly memory?: MemoryOptions | undefined;
  /** Whether plugins count their work, so that `limits.fuel` holds. Costs speed. @default false; on this thread, whether there is a `timeoutMs` */
  readonly metered?: boolean | undefined;
  /** How many instances a plugin has, and for how long. @default one, for as long as it is open */
  readonly pool?: PoolOptions | undefined;
  /** What every plugin reads as its configuration. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Laid over the defaults of `@plugbay/core`. */
  readonly limits?: Partial<Limits> | undefined;
  /** Milliseconds an idle plugin stays open. @default 5000 */
  readonly keepResidentMs?: number | undefined;
  /** Milliseconds for which bindings count as fresh; then the next call asks the server. @default 10000 */
  readonly refetchAfterMs?: number | undefined;
  /** Where plugins and bindings are kept for when the server is away. @default `cache` in PLUGBAY_DATA, or in `.plugbay` */
  readonly cacheDir?: string | undefined;
  /** A pino-shaped logger; methods it lacks are done without. @default writes nothing */
  readonly logger?: Partial<Logger> | undefined;
  /** What deadlines and caches go by. What plugins on threads read is the machine's own time. @default the machine's own time */
  readonly clock?: Clock | undefined;
}

/** Options with every default in its place. */
export interface ResolvedOptions {
  readonly token: string;
  readonly appId: string;
  readonly origin: string;
  readonly engine: 'worker' | 'inline';
  readonly fetch: typeof fetch | undefined;
  readonly functions: HostFunctions | undefined;
  readonly wasi: WasiGrants | undefined;
  readonly allowedHosts: readonly string[];
  readonly timeoutMs: number | undefined;
  readonly memory: MemoryOptions;
  readonly metered: boolean;
  readonly pool: PoolOptions | undefined;
  readonly config: Readonly<Record<string, string>> | undefined;
  readonly limits: Partial<Limits> | undefined;
  readonly keepResidentMs: number;
  readonly refetchAfterMs: number;
  readonly cacheDir: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

// What the XTP client has and this one not yet. To ignore them would be to promise what does not hold.
const NOT_YET: Readonly<Record<string, string>> = {
  storage: 'Leave it out; "cacheDir" says where plugins and bindings are kept.',
};

/** Checks options and fills in the defaults. @throws PlugbayError `invalid`, `unsupported` that names the option. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  for (const [name, value] of Object.entries(options)) {
    const hint = Object.hasOwn(NOT_YET, name) ? NOT_YET[name] : undefined;
    if (hint !== undefined && value !== undefined && value !== false) throw notYet(name, hint);
  }
  const engine = engineOf(options);
  const timeoutMs = options.timeoutMs ?? undefined;
  if (timeoutMs !== undefined) positive(timeoutMs, 'timeoutMs');
  // Here, because each plugin would only say so when it is called.
  resolveLimits(options.limits);
  resolvePool(options.pool);
  return Object.freeze({
    token: sendable(
      required(
        options.token,
        'token',
        'The first one is in the file "token" of the server’s data folder.',
      ).trim(),
    ),
    appId: required(options.appId, 'appId', 'GET /api/v1/apps lists the apps of your token.'),
    origin: origin(options.baseUrl ?? 'http://127.0.0.1:7070'),
    engine,
    fetch: options.fetch,
    functions: options.functions,
    wasi: wasiGrants(options.useWasi ?? true, options.allowedPaths ?? {}),
    allowedHosts: hosts(options.allowedHosts ?? []),
    timeoutMs,
    memory: checkMemory(options.memory ?? {}),
    metered: options.metered === true || (engine === 'inline' && timeoutMs !== undefined),
    pool: options.pool,
    config: options.config,
    limits: limitsFor(timeoutMs, options.limits),
    keepResidentMs: milliseconds(options.keepResidentMs ?? 5_000, 'keepResidentMs'),
    refetchAfterMs: milliseconds(options.refetchAfterMs ?? 10_000, 'refetchAfterMs'),
    cacheDir: options.cacheDir ?? join(process.env.PLUGBAY_DATA ?? '.plugbay', 'cache'),
    logger: completeLogger(options.logger),
    clock: options.clock ?? systemClock,
  });
}

function notYet(name: string, hint: string): PlugbayError {
  return new PlugbayError('unsupported', `the option ${name} of the XTP client is not supported yet`, {
    hint,
  });
}

// A limit that nobody set must not end what has been given more time; and it is the timeout that a call shall fail with.
function limitsFor(timeoutMs: number | undefined, limits: ClientOptions['limits']): ClientOptions['limits'] {
  if (timeoutMs === undefined) return limits;
  return { callMs: Math.min(timeoutMs + DEFAULT_LIMITS.callMs, Number.MAX_SAFE_INTEGER), ...limits };
}

function engineOf({ engine = 'worker', runInWorker }: ClientOptions): ResolvedOptions['engine'] {
  if (engine !== 'worker' && engine !== 'inline') {
    throw new PlugbayError('invalid', `engine must be "worker" or "inline", not ${JSON.stringify(engine)}`);
  }
  if (engine === 'worker' || runInWorker !== true) return engine;
  throw new PlugbayError('invalid', 'engine "inline" contradicts runInWorker', {
    hint: 'Leave one of them out.',
  });
}

function required(value: unknown, name: string, hint: string): string {
  if (typeof value === 'string' && value !== '') return value;
  // The wording is the XTP client's, which apps may match.
  throw new PlugbayError('invalid', `property "${name}" is required to instantiate an XTP client`, { hint });
}

// fetch would fail with the token in its message, and that would count as a registry that is away.
function sendable(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new PlugbayError('invalid', 'the token has a character that no token has', {
    hint: 'Pass the token alone, as the server printed it.',
  });
}

function origin(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.origin;
  throw new PlugbayError('invalid', `baseUrl ${JSON.stringify(baseUrl)} is not an http or https URL`);
}

function milliseconds(value: number, name: string): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new PlugbayError('invalid', `${name} must be a number of milliseconds, not ${String(value)}`);
}

function positive(value: number, name: string): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new PlugbayError('invalid', `${name} must be a positive whole number, not ${String(value)}`, {
    hint: 'Leave it out for no limit.',
  });
}

// Of a text, every character would be a host, and a * is every host.
function hosts(value: readonly string[]): readonly string[] {
  if (Array.isArray(value) && value.every((host) => typeof host === 'string')) return value;
  throw new PlugbayError('invalid', 'allowedHosts must be an array of strings');
}
