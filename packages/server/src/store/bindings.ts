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

/** What the one who asks is in the app of the extension point, and how fresh the set is. */
export interface SetState {
  readonly app_id: string;
  readonly role: Role;
  /** The asker's own key, when it is a guest. */
  readonly guest_key: string | null;
  /** When the set changed last; null when the guest was never bound at the extension point. */
  readonly changed_at: number | null;
}

/** The lookup of a {@link SetState}: no row when the user does not belong to the app of the extension point. */
export function prepareSetLookup(
  database: Database,
): PreparedQuery<'extensionPointId' | 'guestKey' | 'userId', SetState> {
  return prepareQuery(database, (placeholder) =>
    database
      .selectFrom('extension_points')
      .innerJoin('members', (join) =>
        join
          .onRef('members.app_id', '=', 'extension_points.app_id')
          .on('members.user_id', '=', placeholder('userId')),
      )
      .leftJoin('binding_sets', (join) =>
        join
          .onRef('binding_sets.extension_point_id', '=', 'extension_points.id')
          .on('binding_sets.guest_key', '=', placeholder('guestKey')),
      )
      .select(['members.app_id', 'members.role', 'members.guest_key', 'binding_sets.changed_at'])
      .where('extension_points.id', '=', placeholder('extensionPointId')),
  );
}

/** The bindings of a set, in the order of their names. */
export async function readBindings(database: Database, set: BindingSet): Promise<BindingsRecord> {
  const rows = await database
    .selectFrom('bindings')
    .innerJoin('versions', 'versions.id', 'bindings.version_id')
    .select(['bindings.name', 'bindings.updated_at', 'versions.id', 'versions.content_address'])
    .where('bindings.extension_point_id', '=', set.extensionPointId)
    .where('bindings.guest_key', '=', set.guestKey)
    .orderBy('bindings.name')
    .execute();
  // fromEntries, because a binding may be called "__proto__".
  return Object.fromEntries(
    rows.map(({ name, id, content_address: contentAddress, updated_at }) => {
      return [name, { id, contentAddress, updatedAt: isoTime(updated_at) }];
    }),
  );
}

/** Passes when the app has invited a guest of this key. @throws PlugbayError `not_found`. */
export async function requireInvited(database: Database, appId: string, guestKey: string): Promise<void> {
  const invited = await database
    .selectFrom('guests')
    .select('id')
    .where('app_id', '=', appId)
    .where('guest_key', '=', guestKey)
    .executeTakeFirst();
  if (invited !== undefined) return;
  throw new PlugbayError('not_found', `there is no guest ${JSON.stringify(guestKey)}`, {
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
