// Grants, checked and encoded once per plugin, before any instance is made.
import { PlugbayError, type WasiGrants } from '@plugbay/core';

/** Grants in the form that every instance is made from. */
export interface WasiPlan {
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
  readonly stdin: Uint8Array;
  readonly stdout: NonNullable<WasiGrants['stdout']>;
  readonly stderr: NonNullable<WasiGrants['stderr']>;
  readonly clock: NonNullable<WasiGrants['clock']>;
  readonly random: NonNullable<WasiGrants['random']>;
  readonly directories: NonNullable<WasiGrants['directories']>;
}

const OUTPUTS = ['log', 'inherit', 'drop'];

/**
 * Checks grants. That directories exist is found out when an instance is made, because they may come and go.
 * @throws PlugbayError `invalid` for what a guest could not read as it was meant; `unsupported` for directories on Windows, where
 * paths have more separators and more meanings than this package checks.
 */
export function planWasi(grants: WasiGrants = {}): WasiPlan {
  const { args = [], env = {}, stdin = '', stdout = 'log', stderr = 'log', directories = [] } = grants;
  for (const [stream, to] of Object.entries({ stdout, stderr })) {
    if (!OUTPUTS.includes(to)) throw invalid(`${stream} goes to one of ${OUTPUTS.join(', ')}, not to ${to}`);
  }
  if (directories.length > 0 && process.platform === 'win32') {
    throw new PlugbayError('unsupported', 'directories cannot be granted on Windows');
  }
  for (const { host, guest } of directories) {
    if (host === '' || guest === '') throw invalid('a granted directory has no name');
    if (host.includes('\0')) throw invalid('a granted directory has a NUL character in its path');
    terminated(guest, 'the name of a granted directory');
  }
  return Object.freeze({
    args: args.map((arg) => terminated(arg, 'an argument')),
    env: Object.entries(env).map(([name, value]) => {
      if (name === '' || name.includes('=')) throw invalid(`${JSON.stringify(name)} names no variable`);
      return terminated(`${name}=${value}`, `the variable ${name}`);
    }),
    stdin: typeof stdin === 'string' ? Buffer.from(stdin) : stdin.slice(),
    stdout,
    stderr,
    clock: grants.clock ?? 'system',
    random: grants.random ?? 'system',
    directories,
  });
}

function terminated(text: string, what: string): Uint8Array {
  if (text.includes('\0')) throw invalid(`${what} has a NUL character in it`);
  return Buffer.from(`${text}\0`);
}

function invalid(message: string): PlugbayError {
  return new PlugbayError('invalid', message);
}
