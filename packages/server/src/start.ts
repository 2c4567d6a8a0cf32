// Starts the registry: the data folder first, then the door to it; and stops it the other way round.
import { type Clock, completeLogger, type Logger, messageOf, PlugbayError, systemClock } from '@plugbay/core';
import { errnoOf } from '@plugbay/io';
import { type App, createApp } from './app.ts';
import { openDataFolder } from './data-folder.ts';
import { DRAIN_MS } from './limits.ts';
import type { Operator } from './operator.ts';
import { parsePublicUrl } from './public-url.ts';

/** How a server runs. */
export interface ServerOptions {
  /** The data folder; it is made when there is none. */
  readonly dataDir: string;
  /** The address to listen on. @default '127.0.0.1' */
  readonly host?: string;
  /** The port to listen on, 0 for any that is free. @default 7070 */
  readonly port?: number;
  /** The http or https origin of invite links, such as `https://plugins.example.com`. @default the one of the request */
  readonly publicUrl?: string | undefined;
  /** Gets a line for every request that the server failed. @default none */
  readonly logger?: Partial<Logger>;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Milliseconds that running requests have when the server closes. @default 10_000 */
  readonly drainMs?: number;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it listens, such as `http://127.0.0.1:7070`. */
  readonly url: string;
  /** The absolute path of the data folder. */
  readonly dataDir: string;
  /** The first operator; its token is here only when this start made it. */
  readonly operator: Operator;
  /** Refuses new requests, lets running ones end for `drainMs`, cuts the others, closes the data folder. May be called again. */
  close(): Promise<void>;
}

const HIGHEST_PORT = 65_535;

/**
 * Starts a Plugbay registry over HTTP.
 * @throws PlugbayError `conflict` (port or data folder in use), `invalid` (an option), `unsupported` (a data folder of a newer
 * version), `integrity` (a damaged one), `unavailable` (disk, permissions).
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 7070, clock = systemClock, drainMs = DRAIN_MS } = options;
  requireWhole('port', port, HIGHEST_PORT);
  requireWhole('drainMs', drainMs, Number.MAX_SAFE_INTEGER);
  const publicUrl = options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl);
  const folder = await openDataFolder(options.dataDir, clock, completeLogger(options.logger));
  const app = createApp(folder.registry, publicUrl);
  try {
    await listen(app, host, port);
  } catch (error) {
    await app.fastify.close();
    await folder.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  return {
    url: urlOf(app),
    dataDir: folder.registry.folder,
    operator: folder.operator,
    close() {
      closed ??= drain(app, clock, drainMs).finally(() => folder.close());
      return closed;
    },
  };
}

async function drain(app: App, clock: Clock, drainMs: number): Promise<void> {
  app.drain();
  const timer = clock.timer(drainMs, () => app.fastify.server.closeAllConnections());
  try {
    await app.fastify.close();
  } finally {
    timer.cancel();
  }
}

async function listen({ fastify }: App, host: string, port: number): Promise<void> {
  try {
    await fastify.listen({ host, port });
  } catch (cause) {
    throw listenError(host, port, cause);
  }
}

function listenError(host: string, port: number, cause: unknown): PlugbayError {
  switch (errnoOf(cause)) {
    case 'EADDRINUSE':
      return new PlugbayError('conflict', `port ${port} of ${host} is in use`, {
        cause,
        hint: 'Stop what listens there, or choose another port with --port or PLUGBAY_PORT (0 takes any that is free).',
      });
    case 'EACCES':
      return new PlugbayError('denied', `port ${port} may not be used by this user`, {
        cause,
        hint: 'Choose a port from 1024 up with --port or PLUGBAY_PORT.',
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new PlugbayError('invalid', `${host} is not an address of this machine`, {
        cause,
        hint: 'Choose another one with --host or PLUGBAY_HOST; 127.0.0.1 is this machine alone, 0.0.0.0 all its networks.',
      });
    default:
      return new PlugbayError('unavailable', `cannot listen on ${host}:${port}: ${messageOf(cause)}`, {
        cause,
      });
  }
}

function urlOf({ fastify }: App): string {
  const address = fastify.server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen on a port');
  const host =
    WILDCARDS[address.address] ?? (address.family === 'IPv6' ? `[${address.address}]` : address.address);
  return `http://${host}:${address.port}`;
}

// What to connect to where the address means "all of them".
const WILDCARDS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

function requireWhole(name: string, value: number, highest: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= highest) return;
  throw new PlugbayError(
    'invalid',
    `${name} must be a whole number from 0 to ${highest}, not ${String(value)}`,
  );
}
