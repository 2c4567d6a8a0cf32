// Bindings: which version of which artifact answers to a name, for one guest at one extension point.
import { type BindingsRecord, type Clock, PlugbayError } from '@plugbay/core';
import { isoTime } from '../registry.ts';
import { type PreparedQuery, prepareQuery } from './prepared-query.ts';
import type { Database, Role } from './tables.ts';

/** One guest at one extension point. */
export interface BindingSet {
  /** `ext_…` */
  readonly extensionPointId: string;
  readonly guestKey: string;
}

/** A row of the bindings lookup: the asker's membership, and one binding or none. */
export interface BindingRow {
  readonly app_id: string;
  readonly role: Role;
  /** The asker's own key, when it is a guest. */
  readonly guest_key: string | null;
  readonly name: string | null;
  readonly version_id: string | null;
  readonly content_address: string | null;
  readonly updated_at: number | null;
}

/**
 * The lookup behind every call of a plugin: one row for each binding, in the order of their names; one row without a name when there
 * is none; no row when the user does not belong to the app of the extension point.
 */
export function prepareBindingsLookup(
  database: Database,
): PreparedQuery<'extensionPointId' | 'guestKey' | 'userId', BindingRow> {
  return prepareQuery(database, (placeholder) =>
    database
      .selectFrom('extension_points')
      .innerJoin('members', (join) =>
        join
          .onRef('members.app_id', '=', 'extension_points.app_id')
          .on('members.user_id', '=', placeholder('userId')),
      )
      .leftJoin('bindings', (join) =>
        join
          .onRef('bindings.extension_point_id', '=', 'extension_points.id')
          .on('bindings.guest_key', '=', placeholder('guestKey')),
      )
      .leftJoin('versions', 'versions.id', 'bindings.version_id')
      .select([
        'members.app_id',
        'members.role',
        'members.guest_key',
        'bindings.name',
        'bindings.updated_at',
        'versions.id as version_id',
        'versions.content_address',
      ])
      .where('extension_points.id', '=', placeholder('extensionPointId'))
      .orderBy('bindings.name'),
  );
}

/** What {@link prepareBindingsLookup} found, as the API shows it. */
export function bindingsRecord(rows: readonly BindingRow[]): BindingsRecord {
  // fromEntries, because a binding may be called "__proto__".
  return Object.fromEntries(
    rows.flatMap(({ name, version_id, content_address, updated_at }) => {
      if (name === null || version_id === null || content_address === null || updated_at === null) return [];
      return [[name, { id: version_id, contentAddress: content_address, updatedAt: isoTime(updated_at) }]];
    }),
  );
}

/** Passes when the app knows the guest: it was invited, or bound at the extension point. @throws PlugbayError `not_found`. */
export async function requireGuest(database: Database, appId: string, set: BindingSet): Promise<void> {
  const bound = await database
    .selectFrom('binding_sets')
    .select('guest_key')
    .where('extension_point_id', '=', set.extensionPointId)
    .where('guest_key', '=', set.guestKey)
    .executeTakeFirst();
  if (bound !== undefined) return;
  const invited = await database
    .selectFrom('guests')
    .select('id')
    .where('app_id', '=', appId)
    .where('guest_key', '=', set.guestKey)
    .executeTakeFirst();
  if (invited !== undefined) return;
  throw new PlugbayError('not_found', `there is no guest ${JSON.stringify(set.guestKey)}`, {
    hint: 'Invite the guest, or bind a plugin for this guest key.',
  });
}

/** Removes one binding. @throws PlugbayError `not_found` when the name is not bound. */
export async function removeBinding(
  database: Database,
  clock: Clock,
  set: BindingSet,
  name: string,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { numDeletedRows } = await transaction
      .deleteFrom('bindings')
      .where('extension_point_id', '=', set.extensionPointId)
      .where('guest_key', '=', set.guestKey)
      .where('name', '=', name)
      .executeTakeFirst();
    if (numDeletedRows === 0n) {
      const guest = JSON.stringify(set.guestKey);
      throw new PlugbayError('not_found', `guest ${guest} has no binding ${JSON.stringify(name)} here`);
    }
    await touchBindingSet(transaction, clock, set);
  });
}

/** Moves the time of a set's last change, which is made when there is none, and returns it: later than every earlier one. */
export async function touchBindingSet(database: Database, clock: Clock, set: BindingSet): Promise<number> {
  const known = await database
    .selectFrom('binding_sets')
    .select('changed_at')
    .where('extension_point_id', '=', set.extensionPointId)
    .where('guest_key', '=', set.guestKey)
    .executeTakeFirst();
  // A clock may stand still or go back; the newest binding must still be the one that was made last.
  const changedAt = Math.max(clock.now(), (known?.changed_at ?? 0) + 1);
  await database
    .insertInto('binding_sets')
    .values({ extension_point_id: set.extensionPointId, guest_key: set.guestKey, changed_at: changedAt })
    .onConflict((conflict) =>
      conflict.columns(['extension_point_id', 'guest_key']).doUpdateSet({ changed_at: changedAt }),
    )
    .execute();
  return changedAt;
}
