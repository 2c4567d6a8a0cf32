// The first operator of an empty registry, and the file that tells its token once.
import type { Clock } from '@plugbay/core';
import { writeFileAtomic } from '@plugbay/io';
import { newToken } from './secret.ts';
import type { Database } from './store/tables.ts';
import { addToken, addUser, findOperator } from './store/users.ts';

// Only the user that runs Plugbay reads it.
const TOKEN_FILE_MODE = 0o600;

/** The first operator of a registry. */
export interface Operator {
  /** `usr_…` */
  readonly userId: string;
  /** The operator's first token; only when this start made it. */
  readonly token?: string;
  /** Where the first token was written. */
  readonly tokenFile: string;
}

/** Finds the operator, or makes one with a token in `tokenFile`. @throws PlugbayError `unavailable`. */
export async function ensureOperator(database: Database, clock: Clock, tokenFile: string): Promise<Operator> {
  const userId = await findOperator(database);
  if (userId !== undefined) return { userId, tokenFile };
  const token = newToken();
  // The file first: after a crash in between there is still no user, and the next start writes a new token over it.
  await writeFileAtomic(tokenFile, `${token}\n`, { mode: TOKEN_FILE_MODE });
  const created = await database.transaction().execute(async (transaction) => {
    const id = await addUser(transaction, clock, { operator: true });
    await addToken(transaction, clock, { userId: id, name: 'first', token });
    return id;
  });
  return { userId: created, token, tokenFile };
}
