// Extension points: named, typed slots of an app.
import { type Clock, type ExtensionPointRecord, newTypeId, PlugbayError } from '@plugbay/core';
import { isoTime } from '../registry.ts';
import { type Membership, membership, unknown } from './apps.ts';
import type { Database, Tables } from './tables.ts';

/** An extension point, and what the one who asked is in its app. */
export interface FoundPoint {
  readonly point: Tables['extension_points'];
  readonly membership: Membership;
}

/** What a new extension point is made of. */
export interface NewPoint {
  readonly appId: string;
  readonly name: string;
  /** The normalised schema. */
  readonly schema: object;
  /** The schema as its author wrote it. */
  readonly schemaText: string;
}

/** Creates an extension point. @throws PlugbayError `conflict` when the app has one of this name. */
export async function addExtensionPoint(
  database: Database,
  clock: Clock,
  { appId, name, schema, schemaText }: NewPoint,
): Promise<ExtensionPointRecord> {
  const now = clock.now();
  const row = {
    id: newTypeId('ext', clock),
    app_id: appId,
    name,
    schema: JSON.stringify(schema),
    schema_text: schemaText,
    created_at: now,
    updated_at: now,
  };
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('extension_points')
    .values(row)
    .onConflict((conflict) => conflict.columns(['app_id', 'name']).doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) {
    throw new PlugbayError('conflict', `the app has an extension point ${JSON.stringify(name)} already`, {
      hint: 'Choose another name: names are unique within an app.',
    });
  }
  return extensionPointRecord(row);
}

/** The extension points of an app, oldest first. */
export async function listExtensionPoints(
  database: Database,
  appId: string,
): Promise<ExtensionPointRecord[]> {
  const rows = await database
    .selectFrom('extension_points')
    .selectAll()
    .where('app_id', '=', appId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(extensionPointRecord);
}

/** The extension point, when the user belongs to its app. @throws PlugbayError `not_found` otherwise. */
export async function findExtensionPoint(
  database: Database,
  pointId: string,
  userId: string,
): Promise<FoundPoint> {
  const row = await database
    .selectFrom('extension_points')
    .innerJoin('members', 'members.app_id', 'extension_points.app_id')
    .selectAll('extension_points')
    .select(['members.role', 'members.guest_key'])
    .where('extension_points.id', '=', pointId)
    .where('members.user_id', '=', userId)
    .executeTakeFirst();
  if (row === undefined) throw unknown('extension point', pointId);
  return { point: row, membership: membership(row) };
}

/** An extension point as the API shows it. */
export function extensionPointRecord(row: Tables['extension_points']): ExtensionPointRecord {
  return {
    id: row.id,
    name: row.name,
    appId: row.app_id,
    schema: JSON.parse(row.schema) as ExtensionPointRecord['schema'],
    schemaYaml: row.schema_text,
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}
