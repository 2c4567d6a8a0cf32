// Artifacts and their versions.
import { type ArtifactRecord, type Clock, newTypeId } from '@plugbay/core';
import { isoTime } from '../registry.ts';
import type { Database, Tables } from './tables.ts';

/** Which artifact. */
export interface ArtifactKey {
  /** `ext_…` */
  readonly extensionPointId: string;
  /** `usr_…` */
  readonly ownerId: string;
  readonly name: string;
}

/** An artifact after a push. */
export interface PushedArtifact {
  readonly artifact: ArtifactRecord;
  /** False when the artifact had a version of the same bytes already. */
  readonly created: boolean;
}

/** Gives the artifact a version of these bytes, unless it has one; makes the artifact when there is none. All or nothing. */
export async function addVersion(
  database: Database,
  clock: Clock,
  key: ArtifactKey,
  address: string,
): Promise<PushedArtifact> {
  return await database.transaction().execute(async (transaction) => {
    const known = await findVersion(transaction, key, address);
    if (known !== undefined) {
      return { artifact: artifactRecord(await readArtifact(transaction, key), known), created: false };
    }
    const now = clock.now();
    const artifact = await upsertArtifact(transaction, key, now);
    const version = {
      id: newTypeId('ver', clock),
      extension_point_id: key.extensionPointId,
      owner_id: key.ownerId,
      artifact_name: key.name,
      content_address: address,
      created_at: now,
    };
    await transaction.insertInto('versions').values(version).execute();
    return { artifact: artifactRecord(artifact, version), created: true };
  });
}

/**
 * Whether the user may read content of this address: as the owner of an app that has it; as a guest, when it is
 * in an artifact of theirs or bound to their key.
 */
export async function mayReadContent(database: Database, address: string, userId: string): Promise<boolean> {
  const row = await database
    .selectFrom('versions')
    .innerJoin('extension_points', 'extension_points.id', 'versions.extension_point_id')
    .innerJoin('members', 'members.app_id', 'extension_points.app_id')
    .leftJoin('bindings', (join) =>
      join
        .onRef('bindings.version_id', '=', 'versions.id')
        .onRef('bindings.guest_key', '=', 'members.guest_key'),
    )
    .select('versions.id')
    .where('versions.content_address', '=', address)
    .where('members.user_id', '=', userId)
    .where((where) =>
      where.or([
        where('members.role', '=', 'owner'),
        where('versions.owner_id', '=', userId),
        where('bindings.name', 'is not', null),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function findVersion(
  database: Database,
  key: ArtifactKey,
  address: string,
): Promise<Tables['versions'] | undefined> {
  return await database
    .selectFrom('versions')
    .selectAll()
    .where('content_address', '=', address)
    .where('extension_point_id', '=', key.extensionPointId)
    .where('owner_id', '=', key.ownerId)
    .where('artifact_name', '=', key.name)
    .executeTakeFirst();
}

async function readArtifact(database: Database, key: ArtifactKey): Promise<Tables['artifacts']> {
  return await database
    .selectFrom('artifacts')
    .selectAll()
    .where('extension_point_id', '=', key.extensionPointId)
    .where('owner_id', '=', key.ownerId)
    .where('name', '=', key.name)
    .executeTakeFirstOrThrow();
}

async function upsertArtifact(
  database: Database,
  key: ArtifactKey,
  now: number,
): Promise<Tables['artifacts']> {
  const { extensionPointId, ownerId, name } = key;
  const times = { created_at: now, updated_at: now };
  return await database
    .insertInto('artifacts')
    .values({ extension_point_id: extensionPointId, owner_id: ownerId, name, ...times })
    .onConflict((conflict) =>
      conflict.columns(['extension_point_id', 'owner_id', 'name']).doUpdateSet({ updated_at: now }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

function artifactRecord(artifact: Tables['artifacts'], version: Tables['versions']): ArtifactRecord {
  const { extension_point_id: extensionPointId, owner_id: ownerId, name } = artifact;
  return {
    id: `${extensionPointId}/plugin/${ownerId}/${name}`,
    extensionPointId,
    name,
    createdAt: isoTime(artifact.created_at),
    updatedAt: isoTime(artifact.updated_at),
    version: {
      id: version.id,
      contentAddress: version.content_address,
      createdAt: isoTime(version.created_at),
    },
  };
}
