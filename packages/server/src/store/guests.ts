// Guests: invited by the owner of an app, and users of it once they accept.
import { type Clock, newTypeId, PlugbayError } from '@plugbay/core';
import { INVITE_VALID_MS } from '../limits.ts';
import { hashSecret, newInviteCode, newToken } from '../secret.ts';
import type { Database } from './tables.ts';
import { addToken, addUser } from './users.ts';

/** Whom to invite. */
export interface Invitation {
  readonly appId: string;
  readonly guestKey: string;
  readonly email: string | undefined;
  readonly name: string | undefined;
}

/** An invitation that can be accepted. */
export interface OpenInvitation {
  readonly guestId: string;
  readonly appId: string;
  readonly appName: string;
  readonly guestKey: string;
}

/**
 * Invites a guest, or again one who has not accepted yet, and returns the code; an earlier code is then void.
 * @throws PlugbayError `conflict` when the guest has accepted.
 */
export async function invite(database: Database, clock: Clock, invitation: Invitation): Promise<string> {
  const code = newInviteCode();
  const now = clock.now();
  const news = {
    email: invitation.email ?? null,
    name: invitation.name ?? null,
    invite_hash: hashSecret(code),
    invite_expires_at: now + INVITE_VALID_MS,
    updated_at: now,
  };
  const id = newTypeId('gst', clock);
  const guest = {
    id,
    app_id: invitation.appId,
    guest_key: invitation.guestKey,
    user_id: null,
    created_at: now,
  };
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('guests')
    .values({ ...guest, ...news })
    .onConflict((conflict) =>
      conflict.columns(['app_id', 'guest_key']).doUpdateSet(news).where('guests.user_id', 'is', null),
    )
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) {
    throw new PlugbayError(
      'conflict',
      `guest ${JSON.stringify(invitation.guestKey)} has accepted an invitation already`,
      {
        hint: 'Invite another guest key; this guest has a token.',
      },
    );
  }
  return code;
}

/** The invitation of a code. @throws PlugbayError `not_found` when it is unknown, used, replaced or too old. */
export async function findInvitation(
  database: Database,
  clock: Clock,
  code: string,
): Promise<OpenInvitation> {
  const row = await database
    .selectFrom('guests')
    .innerJoin('apps', 'apps.id', 'guests.app_id')
    .select(['guests.id', 'guests.app_id', 'guests.guest_key', 'apps.name'])
    .where('guests.invite_hash', '=', hashSecret(code))
    .where('guests.invite_expires_at', '>', clock.now())
    .executeTakeFirst();
  if (row !== undefined)
    return { guestId: row.id, appId: row.app_id, appName: row.name, guestKey: row.guest_key };
  throw new PlugbayError('not_found', 'this invitation is unknown, was used, or is no longer valid', {
    hint: 'Ask whoever invited you for a new link.',
  });
}

/**
 * Accepts the invitation of a code: the guest becomes a user of the app. Returns the user's token; the code is then void.
 * @throws PlugbayError as {@link findInvitation}.
 */
export async function acceptInvitation(
  database: Database,
  clock: Clock,
  code: string,
): Promise<{ readonly invitation: OpenInvitation; readonly token: string }> {
  return await database.transaction().execute(async (transaction) => {
    const invitation = await findInvitation(transaction, clock, code);
    const userId = await addUser(transaction, clock, { operator: false });
    const token = newToken();
    await addToken(transaction, clock, { userId, name: 'invitation', token });
    const { appId, guestId, guestKey } = invitation;
    await transaction
      .insertInto('members')
      .values({ app_id: appId, user_id: userId, role: 'guest', guest_key: guestKey })
      .execute();
    await transaction
      .updateTable('guests')
      .set({ user_id: userId, invite_hash: null, invite_expires_at: null, updated_at: clock.now() })
      .where('id', '=', guestId)
      .execute();
    return { invitation, token };
  });
}
