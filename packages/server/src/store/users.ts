// Users and their tokens.
import { type Clock, newTypeId, PlugbayError } from '@plugbay/core';
import { hashSecret } from '../secret.ts';
import { type PreparedQuery, prepareQuery } from './prepared-query.ts';
import type { Database, Tables } from './tables.ts';

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

/** The tokens of a user, oldest first; without `userId`, those of all users. */
export async function listTokens(
  database: Database,
  userId?: string,
): Promise<Omit<Tables['tokens'], 'hash'>[]> {
  const query = database.selectFrom('tokens').select(['id', 'user_id', 'name', 'created_at']);
  const ofUser = userId === undefined ? query : query.where('user_id', '=', userId);
  return await ofUser.orderBy('created_at').orderBy('id').execute();
}

/** Revokes a token; with `userId`, only one of this user. @throws PlugbayError `not_found` when there is none. */
export async function removeToken(database: Database, tokenId: string, userId?: string): Promise<void> {
  const query = database.deleteFrom('tokens').where('id', '=', tokenId);
  const ofUser = userId === undefined ? query : query.where('user_id', '=', userId);
  const { numDeletedRows } = await ofUser.executeTakeFirst();
  if (numDeletedRows > 0n) return;
  const whose = userId === undefined ? 'there is' : 'you have';
  throw new PlugbayError('not_found', `${whose} no token ${tokenId}`, {
    hint: 'GET /api/v1/tokens lists the tokens that you may revoke, by their ids.',
  });
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
