// What a client is made with, checked once.
import { join } from 'node:path';
import {
  type Clock,
  completeLogger,
  type HostFunctions,
  type Limits,
  type Logger,
  PlugbayError,
  systemClock,
} from '@plugbay/core';

/** With what a client is made. The names are those of the XTP client where it has the same option. */
export interface ClientOptions {
  /** A token of a member of the app: `xtp0_…` */
  readonly token: string;
  /** `app_…` */
  readonly appId: string;
  /** Where the server is; only the origin counts. @default 'http://127.0.0.1:7070' */
  readonly baseUrl?: string | undefined;
  /** What sends requests to the server. @default globalThis.fetch */
  readonly fetch?: typeof fetch | undefined;
  /** Wasm imports that the app provides itself. */
  readonly functions?: HostFunctions | undefined;
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
  /** @default the machine's own time */
  readonly clock?: Clock | undefined;
}

/** Options with every default in its place. */
export interface ResolvedOptions {
  readonly token: string;
  readonly appId: string;
  readonly origin: string;
  readonly fetch: typeof fetch | undefined;
  readonly functions: HostFunctions | undefined;
  readonly config: Readonly<Record<string, string>> | undefined;
  readonly limits: Partial<Limits> | undefined;
  readonly keepResidentMs: number;
  readonly refetchAfterMs: number;
  readonly cacheDir: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

// What the XTP client has and this one not yet. To ignore them would be to promise limits that do not hold.
const NOT_YET = ['allowedHosts', 'allowedPaths', 'memory', 'runInWorker', 'storage', 'timeoutMs'];

/** Checks options and fills in the defaults. @throws PlugbayError `invalid`, `unsupported` that names the option. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  for (const [name, value] of Object.entries(options)) {
    if (NOT_YET.includes(name) && value !== undefined && value !== false) throw notYet(name);
  }
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
    fetch: options.fetch,
    functions: options.functions,
    config: options.config,
    limits: options.limits,
    keepResidentMs: milliseconds(options.keepResidentMs ?? 5_000, 'keepResidentMs'),
    refetchAfterMs: milliseconds(options.refetchAfterMs ?? 10_000, 'refetchAfterMs'),
    cacheDir: options.cacheDir ?? join(process.env.PLUGBAY_DATA ?? '.plugbay', 'cache'),
    logger: completeLogger(options.logger),
    clock: options.clock ?? systemClock,
  });
}

function notYet(name: string): PlugbayError {
  return new PlugbayError('unsupported', `the option ${name} of the XTP client is not supported yet`, {
    hint: 'Leave it out; "limits" caps memory, input, output and variables.',
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
