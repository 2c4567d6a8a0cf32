import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Migration } from '../migrations.ts';
import { MIGRATIONS } from '../migrations.ts';
import type { Database } from '../tables.ts';
import { openSqlite } from './open.ts';
import { migrate } from './version.ts';

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugbay-version-'));
  database = await openSqlite(join(folder, 'registry.db'));
});
afterEach(async () => {
  await database.destroy();
  await rm(folder, { recursive: true });
});

const pragma = async (name: string) => {
  const { rows } = await sql<Record<string, unknown>>`PRAGMA ${sql.raw(name)}`.execute(database);
  return Object.values(rows[0] ?? {})[0];
};

const addTable =
  (name: string): Migration =>
  async ({ schema }) => {
    await schema.createTable(name).addColumn('id', 'text').execute();
  };

it('opens a file that keeps its promises', async () => {
  expect(await pragma('journal_mode')).toBe('wal');
  expect(await pragma('synchronous')).toBe(2);
  expect(await pragma('foreign_keys')).toBe(1);
  expect(await pragma('locking_mode')).toBe('exclusive');
  expect(await pragma('user_version')).toBe(MIGRATIONS.length);
  expect(await pragma('application_id')).toBe(0x706c7567);
});

it('takes the steps that are new, each with its version, and an old one never again', async () => {
  const steps = [...MIGRATIONS, addTable('second'), addTable('third')];
  await migrate(database, steps);
  expect(await pragma('user_version')).toBe(3);
  await migrate(database, steps);
  expect(await pragma('user_version')).toBe(3);
});

it('takes a step wholly or not at all', async () => {
  const broken: Migration = async (at) => {
    await addTable('half')(at);
    throw new Error('a step that fails');
  };
  await expect(migrate(database, [...MIGRATIONS, addTable('second'), broken])).rejects.toThrow(
    'a step that fails',
  );
  expect(await pragma('user_version')).toBe(2);
  const { rows } = await sql<{
    name: string;
  }>`SELECT name FROM sqlite_schema WHERE name IN ('second', 'half')`.execute(database);
  expect(rows).toEqual([{ name: 'second' }]);
});

it('answers after it was closed that it is not available', async () => {
  await database.destroy();
  await expect(database.selectFrom('users').selectAll().execute()).rejects.toMatchObject({
    code: 'unavailable',
  });
  await expect(
    database.executeQuery(database.selectFrom('users').selectAll().compile()),
  ).rejects.toMatchObject({
    code: 'unavailable',
  });
  await database.destroy();
});

it('does not let a short query see the half of a transaction', async () => {
  const query = database.selectFrom('users').select('id').compile();
  const seen: number[] = [];
  const writing = database.transaction().execute(async (transaction) => {
    for (const id of ['a', 'b']) {
      await transaction.insertInto('users').values({ id, operator: 0, created_at: 0 }).execute();
      seen.push(0);
      await Promise.resolve();
    }
  });
  const reads: Promise<void>[] = [];
  for (let tick = 0; tick < 30; tick++) {
    reads.push(database.executeQuery(query).then(({ rows }) => void seen.push(rows.length)));
    await Promise.resolve();
  }
  await Promise.all([writing, ...reads]);
  expect(new Set(seen)).toEqual(new Set([0, 2]));
});
