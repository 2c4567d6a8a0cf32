// Apps and who belongs to them.
import { type AppRecord, type Clock, newTypeId, PlugbayError } from '@plugbay/core';
import { isoTime } from '../registry.ts';
import type { Database, Tables } from './tables.ts';

/** What a user is in an app: its owner, or the guest of one key. */
export type Membership =
  | { readonly appId: string; readonly role: 'owner' }
  | { readonly appId: string; readonly role: 'guest'; readonly guestKey: string };

/** Creates an app that `ownerId` owns. */
export async function addApp(
  database: Database,
  clock: Clock,
  name: string,
  ownerId: string,
): Promise<AppRecord> {
  const now = clock.now();
  const row = { id: newTypeId('app', clock), name, created_at: now, updated_at: now };
  await database.transaction().execute(async (transaction) => {
    await transaction.insertInto('apps').values(row).execute();
    const member = { app_id: row.id, user_id: ownerId, role: 'owner', guest_key: null } as const;
    await transaction.insertInto('members').values(member).execute();
  });
  return appRecord(row);
}

/** The apps that a user belongs to, oldest first. */
export async function listApps(database: Database, userId: string): Promise<AppRecord[]> {
  const rows = await database
    .selectFrom('apps')
    .innerJoin('members', 'members.app_id', 'apps.id')
    .selectAll('apps')
    .where('members.user_id', '=', userId)
    .orderBy('apps.created_at')
    .orderBy('apps.id')
    .execute();
  return rows.map(appRecord);
}

/** What the user is in the app. @throws PlugbayError `not_found`, also when the app exists but the user is not in it. */
export async function findMembership(database: Database, appId: string, userId: string): Promise<Membership> {
  const row = await database
    .selectFrom('members')
    .select(['role', 'guest_key'])
    .where('app_id', '=', appId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (row === undefined) throw unknown('app', appId);
  return membership({ ...row, app_id: appId });
}

/** A row of `members` as a {@link Membership}. */
export function membership(row: Pick<Tables['members'], 'app_id' | 'role' | 'guest_key'>): Membership {
  if (row.guest_key === null) return { appId: row.app_id, role: 'owner' };
  return { appId: row.app_id, role: 'guest', guestKey: row.guest_key };
}

/** What is said of an id that names nothing that the caller may see. */
export function unknown(what: string, id: string): PlugbayError {
  return new PlugbayError('not_found', `there is no ${what} ${id}`, {
    hint: 'Check the id; a token sees only the apps that its user belongs to.',
  });
}

function appRecord(row: Tables['apps']): AppRecord {
  return {
    id: row.id,
    name: row.name,
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}
