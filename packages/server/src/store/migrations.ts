// How the tables came to be, step by step, forward only. A step that was released is never changed again.
import type { Database } from './tables.ts';

/** One step; it runs inside a transaction of its own. It gets no typed queries: its tables are not always those of today. */
export type Migration = (database: Pick<Database, 'schema'>) => Promise<void>;

/** Every step in its order; the version of a data folder is the number of steps that it has taken. */
export const MIGRATIONS: readonly Migration[] = [createRegistry];

async function createRegistry({ schema }: Pick<Database, 'schema'>): Promise<void> {
  await schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('operator', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();

  await schema
    .createTable('tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();

  await schema
    .createTable('apps')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();

  await schema
    .createTable('members')
    .addColumn('app_id', 'text', (column) => column.notNull().references('apps.id'))
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('guest_key', 'text')
    .addPrimaryKeyConstraint('members_key', ['app_id', 'user_id'])
    .execute();

  await schema
    .createTable('extension_points')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('app_id', 'text', (column) => column.notNull().references('apps.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('schema', 'text', (column) => column.notNull())
    .addColumn('schema_text', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('extension_points_name', ['app_id', 'name'])
    .execute();

  await schema
    .createTable('artifacts')
    .addColumn('extension_point_id', 'text', (column) => column.notNull().references('extension_points.id'))
    .addColumn('owner_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('artifacts_key', ['extension_point_id', 'owner_id', 'name'])
    .execute();

  await schema
    .createTable('versions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('extension_point_id', 'text', (column) => column.notNull())
    .addColumn('owner_id', 'text', (column) => column.notNull())
    .addColumn('artifact_name', 'text', (column) => column.notNull())
    .addColumn('content_address', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('versions_content', [
      'content_address',
      'extension_point_id',
      'owner_id',
      'artifact_name',
    ])
    .addForeignKeyConstraint(
      'versions_artifact',
      ['extension_point_id', 'owner_id', 'artifact_name'],
      'artifacts',
      ['extension_point_id', 'owner_id', 'name'],
    )
    .execute();

  await schema
    .createTable('binding_sets')
    .addColumn('extension_point_id', 'text', (column) => column.notNull().references('extension_points.id'))
    .addColumn('guest_key', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('binding_sets_key', ['extension_point_id', 'guest_key'])
    .execute();

  await schema
    .createTable('bindings')
    .addColumn('extension_point_id', 'text', (column) => column.notNull())
    .addColumn('guest_key', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id'))
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('bindings_key', ['extension_point_id', 'guest_key', 'name'])
    .addForeignKeyConstraint('bindings_set', ['extension_point_id', 'guest_key'], 'binding_sets', [
      'extension_point_id',
      'guest_key',
    ])
    .execute();
  await schema.createIndex('bindings_version').on('bindings').column('version_id').execute();

  await schema
    .createTable('guests')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('app_id', 'text', (column) => column.notNull().references('apps.id'))
    .addColumn('guest_key', 'text', (column) => column.notNull())
    .addColumn('email', 'text')
    .addColumn('name', 'text')
    .addColumn('user_id', 'text', (column) => column.references('users.id'))
    .addColumn('invite_hash', 'text', (column) => column.unique())
    .addColumn('invite_expires_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('guests_key', ['app_id', 'guest_key'])
    .execute();
}
