// The version of a SQLite registry: what the file says of itself, and the steps from there to here.
import { PlugbayError } from '@plugbay/core';
import { sql } from 'kysely';
import { MIGRATIONS, type Migration } from '../migrations.ts';
import type { Database } from '../tables.ts';
import { damaged } from './error.ts';

// "plug": tells our file from any other SQLite file. https://www.sqlite.org/pragma.html#pragma_application_id
const APPLICATION_ID = 0x706c7567;

/**
 * Passes when `database`, whose file is `path`, is empty or a registry of a version that this Plugbay knows.
 * @throws PlugbayError `unsupported` (a newer one), `integrity` (damaged, or of another program).
 */
export async function checkVersion(database: Database, path: string): Promise<void> {
  const version = await readVersion(database);
  if (version > MIGRATIONS.length) {
    const versions = `is of version ${version}, and this Plugbay knows versions up to ${MIGRATIONS.length}`;
    throw new PlugbayError('unsupported', `the data folder of ${path} ${versions}`, {
      hint: 'Use the Plugbay that wrote it or a newer one, or choose another folder; nothing was changed.',
    });
  }
  const foreign = (await pragma(database, 'application_id')) !== APPLICATION_ID && !(await isEmpty(database));
  if (foreign) throw damaged(path, 'it is a database of another program');
  // Reads the whole file once. It holds no content, only names, so that is milliseconds, and a damaged page shows now.
  const { rows } = await sql<{ quick_check: string }>`PRAGMA quick_check(1)`.execute(database);
  const report = rows[0]?.quick_check;
  if (report !== 'ok') throw damaged(path, String(report));
}

/** Takes every step that `database` has not taken, each in a transaction that also moves the version. */
export async function migrate(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const taken = await readVersion(database);
  for (const [index, migration] of migrations.entries()) {
    if (index < taken) continue;
    await database.transaction().execute(async (transaction) => {
      await migration(transaction);
      await sql`PRAGMA application_id = ${sql.lit(APPLICATION_ID)}`.execute(transaction);
      await sql`PRAGMA user_version = ${sql.lit(index + 1)}`.execute(transaction);
    });
  }
}

const readVersion = (database: Database) => pragma(database, 'user_version');

async function pragma(database: Database, name: string): Promise<number> {
  const { rows } = await sql<Record<string, number>>`PRAGMA ${sql.raw(name)}`.execute(database);
  return rows[0]?.[name] ?? 0;
}

async function isEmpty(database: Database): Promise<boolean> {
  const { rows } = await sql`SELECT 1 FROM sqlite_schema LIMIT 1`.execute(database);
  return rows.length === 0;
}
