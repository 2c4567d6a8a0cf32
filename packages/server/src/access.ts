// What a principal may do. A resource of an app that they are not in does not exist for them; one that they may not use is denied.
import { PlugbayError, parseTypeId } from '@plugbay/core';
import { findMembership, type Membership } from './store/apps.ts';
import { type FoundPoint, findExtensionPoint } from './store/extension-points.ts';
import type { Database } from './store/tables.ts';
import type { Principal } from './store/users.ts';

/** Passes an operator. @throws PlugbayError `denied`. */
export function requireOperator(principal: Principal): void {
  if (!principal.operator) throw new PlugbayError('denied', 'only the operator of this server may do this');
}

/** What the principal is in the app of this id. @throws PlugbayError `invalid` (no app id), `not_found`. */
export async function membershipOf(
  database: Database,
  principal: Principal,
  appId: string,
): Promise<Membership> {
  return await findMembership(database, parseTypeId('app', appId), principal.userId);
}

/** The extension point of this id, and what the principal is in its app. @throws PlugbayError `invalid` (no such id), `not_found`. */
export async function pointOf(
  database: Database,
  principal: Principal,
  pointId: string,
): Promise<FoundPoint> {
  return await findExtensionPoint(database, parseTypeId('ext', pointId), principal.userId);
}

/** Passes an owner of the app. @throws PlugbayError `denied`. */
export function requireOwner(membership: Membership): void {
  if (membership.role !== 'owner') throw new PlugbayError('denied', 'only an owner of the app may do this');
}

/** Passes an owner of the app, and the guest of this key. @throws PlugbayError `denied`. */
export function requireGuestAccess(membership: Membership, guestKey: string): void {
  if (membership.role === 'owner' || membership.guestKey === guestKey) return;
  // Whether the other guest exists is none of this one's business, so that is not looked up.
  throw new PlugbayError('denied', 'a guest may use only the bindings of their own guest key');
}
