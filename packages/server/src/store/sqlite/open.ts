// Opens the registry's SQLite file for this process alone, checked and brought to the current version.
import { open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { diskError } from '@plugbay/io';
import type { Database } from '../tables.ts';
import { SqliteConnection } from './connection.ts';
import { SqliteDatabase } from './database.ts';
import { sqliteError } from './error.ts';
import { checkVersion, migrate } from './version.ts';

// A second process on the same folder would undo our promises, so it is told at once that the folder is in use: the empty
// transaction takes the lock, the locking mode keeps it, and the operating system lets go of it however this process ends.
const ALONE = 'PRAGMA foreign_keys = ON; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;';

// WAL: one sync a commit, readers are never in the way. FULL: with less, WAL forgets acknowledged commits when the power fails.
const DURABLE = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;';

/**
 * Opens the database at `path`, makes it when there is none.
 * @throws PlugbayError `conflict` (in use), `unsupported` (of a newer version), `integrity` (damaged), `unavailable` (disk, permissions).
 */
export async function openSqlite(path: string): Promise<Database> {
  await checkAccess(path);
  const file = openFile(path);
  const connection = new SqliteConnection(file, path);
  const database = new SqliteDatabase(connection);
  try {
    execute(file, path, ALONE);
    await checkVersion(database, path);
    execute(file, path, DURABLE);
    await migrate(database);
    return database;
  } catch (error) {
    connection.close();
    throw error;
  }
}

// SQLite says only that it cannot open the file; the operating system says why.
async function checkAccess(path: string): Promise<void> {
  try {
    const file = await open(path, 'a');
    await file.close();
  } catch (cause) {
    throw diskError('open', path, cause);
  }
}

function openFile(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (cause) {
    throw sqliteError(path, cause);
  }
}

function execute(file: DatabaseSync, path: string, statements: string): void {
  try {
    file.exec(statements);
  } catch (cause) {
    throw sqliteError(path, cause);
  }
}
