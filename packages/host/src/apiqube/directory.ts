// The plugins in a directory: its files with a name in `.wasm`, read and bounded, in the order of their names.
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACT_MAX_BYTES, contentAddress, PlugbayError } from '@plugbay/core';
import { diskError, errnoOf } from '@plugbay/io';
import { loadFile } from '@plugbay/loader';
import { loadError } from './step-error.ts';

/** A plugin's file. */
export interface PluginFile {
  readonly path: string;
  /** The file's name, with its ending. */
  readonly name: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

// 256: a host has a few protocols, and each plugin takes a share of its memory.
const FILES_MAX = 256;
// 512 MiB: all of them are in memory at once, until each is compiled.
const DIRECTORY_MAX_BYTES = 512 * 1024 * 1024;

/**
 * Reads the plugins of a directory, but not of those below it. Symbolic links are followed, wherever they lead: whoever may write to
 * the directory decides what runs.
 * @throws PlugbayError `not_found` (no such directory), `invalid` (no directory; something of that name that is no file), `limit`,
 * `unavailable`. Its message names the path.
 */
export async function readPluginFiles(directory: string): Promise<PluginFile[]> {
  const names = pluginNames(await entriesOf(directory));
  if (names.length > FILES_MAX) {
    throw new PlugbayError(
      'limit',
      `load ${directory}: it has ${names.length} plugins, more than ${FILES_MAX}`,
    );
  }
  const files: PluginFile[] = [];
  let left = DIRECTORY_MAX_BYTES;
  // One by one, so that what is too much is not read.
  for (const name of names) {
    const file = await read(join(directory, name), name, Math.min(left, ARTIFACT_MAX_BYTES));
    left -= file.bytes.length;
    files.push(file);
  }
  return files;
}

/** The names of plugins among a directory's entries, in any letter case of `.wasm`, sorted by their code units. */
export function pluginNames(entries: readonly Pick<Dirent, 'name' | 'isDirectory'>[]): string[] {
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name.toLowerCase().endsWith('.wasm'))
    .map(({ name }) => name)
    .sort();
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') {
      throw new PlugbayError('not_found', `load ${directory}: there is no such directory`, { cause });
    }
    if (errnoOf(cause) === 'ENOTDIR') {
      throw new PlugbayError('invalid', `load ${directory}: it is not a directory`, { cause });
    }
    throw diskError('list', directory, cause);
  }
}

async function read(path: string, name: string, maxBytes: number): Promise<PluginFile> {
  try {
    const { bytes, digest } = await loadFile(path, maxBytes);
    return { path, name, digest: digest ?? contentAddress(bytes), bytes };
  } catch (error) {
    throw loadError(path, error);
  }
}
