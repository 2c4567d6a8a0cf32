// Binding names to versions: all names of a request, or none.
import { type Clock, PlugbayError } from '@plugbay/core';
import { BINDINGS_PER_GUEST_MAX } from '../limits.ts';
import { type BindingSet, touchBindingSet } from './bindings.ts';
import type { Database, Tables } from './tables.ts';

/** What shall be bound. */
export interface BindRequest {
  readonly set: BindingSet;
  /** Content address by name; names that are not mentioned stay as they are. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Only versions of this user's artifacts may be bound; anyone's when undefined. */
  readonly ownerId: string | undefined;
}

/**
 * Binds every name to the version of the extension point that has its content address. A name that is bound to that
 * content already is left alone. All or nothing.
 * @throws PlugbayError `not_found` (no version has the content), `limit` (too many names).
 */
export async function bind(database: Database, clock: Clock, request: BindRequest): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const current = await readCurrent(transaction, request.set);
    const changes = [...request.addresses].filter(([name, address]) => current.get(name) !== address);
    const names = new Set([...current.keys(), ...request.addresses.keys()]);
    if (names.size > BINDINGS_PER_GUEST_MAX) {
      throw new PlugbayError(
        'limit',
        `a guest binds at most ${BINDINGS_PER_GUEST_MAX} names at an extension point`,
        {
          hint: 'Remove bindings that are no longer used.',
        },
      );
    }
    const versions = await readVersions(transaction, request, [
      ...new Set(changes.map(([, address]) => address)),
    ]);
    const chosen = changes.map(([name, address]) => [name, choose(versions, name, address)] as const);
    for (const [name, version] of chosen) await put(transaction, clock, request.set, name, version.id);
  });
}

async function readCurrent(database: Database, set: BindingSet): Promise<Map<string, string>> {
  const rows = await database
    .selectFrom('bindings')
    .innerJoin('versions', 'versions.id', 'bindings.version_id')
    .select(['bindings.name', 'versions.content_address'])
    .where('bindings.extension_point_id', '=', set.extensionPointId)
    .where('bindings.guest_key', '=', set.guestKey)
    .execute();
  return new Map(rows.map((row) => [row.name, row.content_address]));
}

/** The versions that may be meant, the newest first. */
async function readVersions(
  database: Database,
  { set, ownerId }: BindRequest,
  addresses: readonly string[],
): Promise<Tables['versions'][]> {
  if (addresses.length === 0) return [];
  let query = database
    .selectFrom('versions')
    .selectAll()
    .where('extension_point_id', '=', set.extensionPointId)
    .where('content_address', 'in', addresses);
  if (ownerId !== undefined) query = query.where('owner_id', '=', ownerId);
  return await query.orderBy('created_at', 'desc').orderBy('id', 'desc').execute();
}

/** Of several artifacts with the same bytes, the one that is called like the binding, or else the newest. */
function choose(versions: readonly Tables['versions'][], name: string, address: string): Tables['versions'] {
  const candidates = versions.filter((version) => version.content_address === address);
  const version = candidates.find((candidate) => candidate.artifact_name === name) ?? candidates[0];
  if (version !== undefined) return version;
  const wanted = `no artifact of this extension point that you may bind has the content ${address}`;
  throw new PlugbayError('not_found', `cannot bind ${JSON.stringify(name)}: ${wanted}`, {
    hint: 'Push the plugin to this extension point first; the answer has its content address.',
  });
}

async function put(
  database: Database,
  clock: Clock,
  set: BindingSet,
  name: string,
  versionId: string,
): Promise<void> {
  const updatedAt = await touchBindingSet(database, clock, set);
  await database
    .insertInto('bindings')
    .values({
      extension_point_id: set.extensionPointId,
      guest_key: set.guestKey,
      name,
      version_id: versionId,
      updated_at: updatedAt,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['extension_point_id', 'guest_key', 'name'])
        .doUpdateSet({ version_id: versionId, updated_at: updatedAt }),
    )
    .execute();
}
