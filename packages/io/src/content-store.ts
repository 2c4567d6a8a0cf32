// Content on disk under its own address: written once, never changed, checked on every read.
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { contentAddress, isPlugbayError, parseContentAddress, verifyContent } from '@plugbay/core';
import { TEMPORARY_SUFFIX, writeFileAtomic } from './atomic-file.ts';
import { diskError, errnoOf } from './disk-error.ts';

// One hour: no write takes that long, so a temporary file this old belongs to a process that died.
const ABANDONED_AFTER_MS = 3_600_000;

/** A folder of immutable content by address: `<root>/<first two characters>/<address>`. Processes may share it. */
export class ContentStore {
  readonly #root: string;

  /** `root` need not exist yet. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Keeps `bytes` and returns their content address. @throws PlugbayError `unavailable`. */
  async put(bytes: Uint8Array): Promise<string> {
    const address = contentAddress(bytes);
    const path = this.#path(address);
    if (!(await this.#holds(address))) await writeFileAtomic(path, bytes);
    return address;
  }

  /**
   * The content of `address`, its digest checked; undefined when it is not here.
   * @throws PlugbayError `invalid` (no content address), `integrity` (damaged on disk), `unavailable` (unreadable).
   */
  async get(address: string): Promise<Uint8Array | undefined> {
    const path = this.#path(parseContentAddress(address));
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT') return undefined;
      throw diskError('read', path, cause);
    }
    verifyContent(address, bytes);
    return bytes;
  }

  /** Forgets the content of `address`, if it is here. @throws PlugbayError `invalid`, `unavailable`. */
  async remove(address: string): Promise<void> {
    await removeFile(this.#path(parseContentAddress(address)));
  }

  /** Removes what writers that died left behind; `now` in epoch milliseconds. @throws PlugbayError `unavailable`. */
  async sweep(now: number): Promise<void> {
    for (const path of await this.#temporaryFiles()) {
      const written = await stat(path).catch(() => undefined);
      if (written !== undefined && now - written.mtimeMs > ABANDONED_AFTER_MS) await removeFile(path);
    }
  }

  // Damaged content counts as absent, so that putting it again mends it.
  async #holds(address: string): Promise<boolean> {
    try {
      return (await this.get(address)) !== undefined;
    } catch (error) {
      if (isPlugbayError(error) && error.code === 'integrity') return false;
      throw error;
    }
  }

  async #temporaryFiles(): Promise<string[]> {
    try {
      const entries = await readdir(this.#root, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && entry.name.endsWith(TEMPORARY_SUFFIX))
        .map((entry) => join(entry.parentPath, entry.name));
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT') return [];
      throw diskError('list', this.#root, cause);
    }
  }

  #path(address: string): string {
    return join(this.#root, address.slice(0, 2), address);
  }
}

async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((cause: unknown) => {
    throw diskError('remove', path, cause);
  });
}
