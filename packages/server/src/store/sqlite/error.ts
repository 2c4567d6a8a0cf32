// What SQLite refused, as an error that says what to do about it. Result codes: https://www.sqlite.org/rescode.html
import { messageOf, PlugbayError } from '@plugbay/core';

// The low byte of a result code is its kind; the rest says which part of SQLite found it.
const KIND_MASK = 0xff;

/** The PlugbayError for something thrown by node:sqlite on the database at `path`. */
export function sqliteError(path: string, cause: unknown): PlugbayError {
  const kind = kindOf(cause);
  const explain = kind === undefined ? undefined : EXPLAIN[kind];
  if (explain !== undefined) return explain(path, cause);
  if (isClosed(cause))
    return new PlugbayError('unavailable', `${path} is closed: the server is stopping`, { cause });
  return new PlugbayError('internal', `SQLite: ${messageOf(cause)}`, { cause });
}

/** What is said of a file that is no registry, or no longer one. */
export function damaged(path: string, reason: string, cause?: unknown): PlugbayError {
  return new PlugbayError('integrity', `${path} cannot be read as a registry: ${reason}`, {
    cause,
    hint: 'Restore the folder from a backup, or move it away and start with a new one.',
  });
}

const inUse = (path: string, cause: unknown) =>
  new PlugbayError('conflict', `the data folder of ${path} is in use by another Plugbay`, {
    cause,
    hint: 'Stop the other one, or choose another folder with --data or PLUGBAY_DATA.',
  });

const full = (path: string, cause: unknown) =>
  new PlugbayError('unavailable', `cannot write ${path}: no space is left`, {
    cause,
    hint: 'Free disk space, then try again; nothing was changed.',
  });

const refused = (path: string, cause: unknown) =>
  new PlugbayError('unavailable', `cannot read or write ${path}: ${messageOf(cause)}`, {
    cause,
    hint: 'Check the disk and the permissions of the folder, then try again; nothing was changed.',
  });

const broken = (path: string, cause: unknown) => damaged(path, messageOf(cause), cause);

const EXPLAIN: Readonly<Record<number, (path: string, cause: unknown) => PlugbayError>> = {
  3: refused, // SQLITE_PERM
  5: inUse, // SQLITE_BUSY
  6: inUse, // SQLITE_LOCKED
  8: refused, // SQLITE_READONLY
  10: refused, // SQLITE_IOERR; a limit on file sizes (ulimit -f) shows here
  11: broken, // SQLITE_CORRUPT
  13: full, // SQLITE_FULL
  14: refused, // SQLITE_CANTOPEN
  26: broken, // SQLITE_NOTADB
};

function kindOf(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause)) return undefined;
  return typeof cause.errcode === 'number' ? cause.errcode & KIND_MASK : undefined;
}

function isClosed(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_INVALID_STATE';
}
