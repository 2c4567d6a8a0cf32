// The one way in which Plugbay writes a file: tmp → fsync → rename → fsync of the folder. A crash leaves the old file or the new one.
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { diskError } from './disk-error.ts';

/** What the names of files that are not finished end with, so that a sweep can tell them. */
export const TEMPORARY_SUFFIX = '.tmp';

/** How a file is written. */
export interface WriteOptions {
  /** Permission bits of the new file. @default 0o666 less the umask */
  readonly mode?: number;
}

/**
 * Writes `content` to `path`, making its folder when there is none. Concurrent writers of one path each leave a whole file; the last wins.
 * @throws PlugbayError `unavailable` (no space, no permission); the old file, if any, is then untouched, unless only making the new one
 * durable failed.
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  options: WriteOptions = {},
): Promise<void> {
  const temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
  try {
    const firstMade = await mkdir(dirname(path), { recursive: true });
    await writeDurably(temporary, content, options.mode);
    await rename(temporary, path);
    await syncFolders(dirname(path), firstMade);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw diskError('write', path, cause);
  }
}

async function writeDurably(
  path: string,
  content: Uint8Array | string,
  mode: number | undefined,
): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

// The rename is durable only once its folder is, and a folder that was just made only once its own parent is.
async function syncFolders(folder: string, firstMade: string | undefined): Promise<void> {
  const last = resolve(firstMade === undefined ? folder : dirname(firstMade));
  let path = resolve(folder);
  await syncFolder(path);
  while (path !== last) {
    path = dirname(path);
    await syncFolder(path);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
