// Users and their tokens.
import { type Clock, newTypeId, PlugbayError } from '@plugbay/core';
import { hashSecret } from '../secret.ts';
import { type PreparedQuery, prepareQuery } from './prepared-query.ts';
import type { Database } from './tables.ts';

/** Who makes a request. */
export interface Principal {
  /** `usr_…` */
  readonly userId: string;
  /** Whether they may create apps. */
  readonly operator: boolean;
}

/** A token as it is stored. */
export interface StoredToken {
  /** `tok_…` */
  readonly id: string;
  readonly createdAt: number;
}

/** The first operator's id; undefined in a registry without users. */
export async function findOperator(database: Database): Promise<string | undefined> {
  const user = await database
    .selectFrom('users')
    .select('id')
    .where('operator', '=', 1)
    .orderBy('created_at')
    .orderBy('id')
    .executeTakeFirst();
  return user?.id;
}

/** Adds a user and returns its id. */
export async function addUser(
  database: Database,
  clock: Clock,
  options: { readonly operator: boolean },
): Promise<string> {
  const id = newTypeId('usr', clock);
  const operator = options.operator ? 1 : 0;
  await database.insertInto('users').values({ id, operator, created_at: clock.now() }).execute();
  return id;
}

/** Stores a token of a user; of its text only the hash. */
export async function addToken(
  database: Database,
  clock: Clock,
  { userId, name, token }: { readonly userId: string; readonly name: string; readonly token: string },
): Promise<StoredToken> {
  const id = newTypeId('tok', clock);
  const createdAt = clock.now();
  const row = { id, user_id: userId, name, hash: hashSecret(token), created_at: createdAt };
  await database.insertInto('tokens').values(row).execute();
  return { id, createdAt };
}

/** Revokes a token of a user. @throws PlugbayError `not_found` when the user has no such token. */
export async function removeToken(database: Database, userId: string, tokenId: string): Promise<void> {
  const { numDeletedRows } = await database
    .deleteFrom('tokens')
    .where('id', '=', tokenId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw new PlugbayError('not_found', `you have no token ${tokenId}`);
}

/** The lookup of the user behind a token's hash. */
export function prepareTokenLookup(
  database: Database,
): PreparedQuery<'hash', { id: string; operator: number }> {
  return prepareQuery(database, (placeholder) =>
    database
      .selectFrom('tokens')
      .innerJoin('users', 'users.id', 'tokens.user_id')
      .select(['users.id', 'users.operator'])
      .where('tokens.hash', '=', placeholder('hash')),
  );
}
