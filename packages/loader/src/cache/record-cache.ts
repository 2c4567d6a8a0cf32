// Small JSON records on disk by key, so that what was known last survives a restart without a network.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, messageOf } from '@plugbay/core';
import { errnoOf, writeFileAtomic } from '@plugbay/io';

/** Records of one kind. Reading and writing never fail: a record that cannot be read is absent, and the logger hears why. */
export class RecordCache<T> {
  readonly #dir: string;
  readonly #logger: Logger;
  readonly #parse: (value: unknown) => T;

  /** `parse` checks what was read from disk and throws when it is not a record. */
  constructor(dir: string, logger: Logger, parse: (value: unknown) => T) {
    this.#dir = dir;
    this.#logger = logger;
    this.#parse = parse;
  }

  /** The record last kept under `key`. */
  async get(key: string): Promise<T | undefined> {
    try {
      const entry: unknown = JSON.parse(await readFile(this.#path(key), 'utf8'));
      return this.#parse(entry);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT')
        this.#logger.warn({ key, reason: messageOf(error) }, 'a cached record is unusable');
      return undefined;
    }
  }

  /** Keeps `record` under `key`. */
  async set(key: string, record: T): Promise<void> {
    await writeFileAtomic(this.#path(key), JSON.stringify(record)).catch((error: unknown) => {
      this.#logger.warn({ key, reason: messageOf(error) }, 'a record could not be cached on disk');
    });
  }

  // Keys hold guest keys, which are no file names.
  #path(key: string): string {
    return join(this.#dir, `${createHash('sha256').update(key).digest('base64url')}.json`);
  }
}
