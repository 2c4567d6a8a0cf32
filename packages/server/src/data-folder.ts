// The data folder: the registry's database, the plugins' bytes, and the operator's first token.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock, Logger } from '@plugbay/core';
import { ContentStore, diskError } from '@plugbay/io';
import { lacksDatabase, requireNoContent } from './content-check.ts';
import { ensureOperator, type Operator } from './operator.ts';
import type { Registry } from './registry.ts';
import { openSqlite } from './store/sqlite/open.ts';
import { findOperator } from './store/users.ts';

// Nobody else on the machine needs to see guests' e-mail addresses and plugins.
const FOLDER_MODE = 0o700;

/** An open data folder; it is this process's alone until it is closed. */
export interface DataFolder {
  readonly registry: Registry;
  readonly operator: Operator;
  close(): Promise<void>;
}

/**
 * Opens a data folder, makes it when there is none, and mends what an earlier process left half done.
 * @throws PlugbayError `conflict` (in use), `unsupported` (of a newer version), `integrity` (damaged), `unavailable` (disk, permissions).
 */
export async function openDataFolder(folder: string, clock: Clock, logger: Logger): Promise<DataFolder> {
  const path = resolve(folder);
  await mkdir(path, { recursive: true, mode: FOLDER_MODE }).catch((cause: unknown) => {
    throw diskError('open', path, cause);
  });
  const file = join(path, 'registry.db');
  // Before it is opened, which would make it.
  if (await lacksDatabase(file)) await requireNoContent(path);
  const database = await openSqlite(file);
  try {
    if ((await findOperator(database)) === undefined) await requireNoContent(path);
    const blobs = new ContentStore(join(path, 'blobs'));
    await blobs.sweep(clock.now());
    const operator = await ensureOperator(database, clock, join(path, 'token'));
    const registry = { folder: path, database, blobs, clock, logger };
    return { registry, operator, close: () => database.destroy() };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}
