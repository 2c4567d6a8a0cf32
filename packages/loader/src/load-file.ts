// A plugin's bytes from a file, read once and bounded.
import { constants, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { contentAddress, PlugbayError, type PluginSource } from '@plugbay/core';
import { diskError, errnoOf } from '@plugbay/io';

/** Reads the file at `path` as a plugin. @throws PlugbayError `not_found`, `limit` (over `maxBytes`), `invalid` (no regular file), `unavailable`. */
export async function loadFile(path: string, maxBytes: number): Promise<PluginSource> {
  const bytes = await readBounded(path, maxBytes).catch((cause: unknown) => {
    if (errnoOf(cause) === undefined) throw cause;
    if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR')
      throw new PlugbayError('not_found', `there is no file ${path}`, { cause });
    throw diskError('read', path, cause);
  });
  return { name: basename(path), digest: contentAddress(bytes), bytes };
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  // Without waiting: a named pipe that nobody writes to would hold the thread that opens it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw new PlugbayError('invalid', `${path} is not a regular file`);
    if (facts.size > maxBytes) {
      throw new PlugbayError('limit', `${path} has ${facts.size} bytes; a plugin may have ${maxBytes}`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}
