// What the disk refused, as an error that says what to do about it.
import { messageOf, PlugbayError } from '@plugbay/core';

/** The errno of a thrown file-system error, such as `ENOENT`; undefined for anything else. */
export function errnoOf(thrown: unknown): string | undefined {
  // `code` alone does not tell: other errors, ours among them, have one too.
  const isSystemError = thrown instanceof Error && 'errno' in thrown && 'code' in thrown;
  return isSystemError && typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** A PlugbayError `unavailable` for a failed file operation: it names the path, the reason and the next step. */
export function diskError(doing: string, path: string, cause: unknown): PlugbayError {
  const errno = errnoOf(cause);
  const facts = REASONS[errno ?? ''];
  return new PlugbayError('unavailable', `cannot ${doing} ${path}: ${facts?.reason ?? messageOf(cause)}`, {
    cause,
    hint: facts?.hint ?? 'Check the disk and the permissions of the folder, then try again.',
  });
}

const FULL = { reason: 'no space is left', hint: 'Free disk space, then try again; nothing was changed.' };
const FORBIDDEN = {
  reason: 'permission is denied',
  hint: 'Let the user that runs Plugbay own the folder, or choose another one with PLUGBAY_DATA.',
};
const NO_FOLDER = { reason: 'its parent is no folder', hint: 'Choose another path with PLUGBAY_DATA.' };

const REASONS: Readonly<Record<string, { readonly reason: string; readonly hint: string }>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  // A limit on file sizes (ulimit -f) looks the same to an operator.
  EFBIG: FULL,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: FORBIDDEN,
  ENOTDIR: NO_FOLDER,
  EEXIST: NO_FOLDER,
};
