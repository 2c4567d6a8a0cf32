// A registry without its database must not be mistaken for a new one: its plugins tell them apart.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTENT_ADDRESS_PATTERN, PlugbayError } from '@plugbay/core';
import { diskError, errnoOf } from '@plugbay/io';

/** Whether `path`, a registry's database, is missing or has not a single byte. @throws PlugbayError `unavailable`. */
export async function lacksDatabase(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size === 0;
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return true;
    throw diskError('open', path, cause);
  }
}

/** Passes a data folder without a plugin; asked when it has no operator. @throws PlugbayError `integrity`, `unavailable`. */
export async function requireNoContent(folder: string): Promise<void> {
  if (!(await holdsContent(join(folder, 'blobs')))) return;
  throw new PlugbayError(
    'integrity',
    `the data folder ${folder} has plugins, but its registry.db is empty or missing`,
    {
      hint: 'Restore registry.db from a backup, or move the folder away to start anew; nothing was changed.',
    },
  );
}

async function holdsContent(blobs: string): Promise<boolean> {
  for (const prefix of await namesIn(blobs)) {
    const names = await namesIn(join(blobs, prefix));
    if (names.some((name) => CONTENT_ADDRESS_PATTERN.test(name))) return true;
  }
  return false;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    // A file between the folders holds nothing either.
    if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR') return [];
    throw diskError('list', folder, cause);
  }
}
