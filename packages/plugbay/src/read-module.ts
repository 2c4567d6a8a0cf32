// A module from a file that a person named.
import { open } from 'node:fs/promises';
import { ARTIFACT_MAX_BYTES, isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';

/** The bytes of the file at `path`. @throws PlugbayError `not_found`, `invalid` (no file), `limit`, `unavailable`. */
export async function readModule(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > ARTIFACT_MAX_BYTES) {
      throw new PlugbayError('limit', `${path} has ${size} bytes; a plugin may have ${ARTIFACT_MAX_BYTES}`);
    }
    return await file.readFile();
  } catch (cause) {
    throw isPlugbayError(cause) ? cause : readError(path, cause);
  }
}

function readError(path: string, cause: unknown): PlugbayError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return new PlugbayError('not_found', `there is no file ${path}`, { cause });
  if (code === 'EISDIR') return new PlugbayError('invalid', `${path} is a folder`, { cause });
  return new PlugbayError('unavailable', `cannot read ${path}: ${messageOf(cause)}`, { cause });
}
