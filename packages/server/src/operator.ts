// The first operator of an empty registry, and the file that tells its token once.
import { stat } from 'node:fs/promises';
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
  /** Whether that file is still there; a lost token is replaced with `plugbay token`. */
  readonly hasTokenFile: boolean;
}

/** Finds the operator, or makes one with a token in `tokenFile`. @throws PlugbayError `unavailable`. */
export async function ensureOperator(database: Database, clock: Clock, tokenFile: string): Promise<Operator> {
  const userId = await findOperator(database);
  if (userId !== undefined) return { userId, tokenFile, hasTokenFile: await isFile(tokenFile) };
  const token = newToken();
  // The file first: after a crash in between there is still no user, and the next start writes a new token over it.
  await writeTokenFile(tokenFile, token);
  const created = await database.transaction().execute(async (transaction) => {
    const id = await addUser(transaction, clock, { operator: true });
    await addToken(transaction, clock, { userId: id, name: 'first', token });
    return id;
  });
  return { userId: created, token, tokenFile, hasTokenFile: true };
}

/** Writes a token for its owner's eyes, over the one that was there. @throws PlugbayError `unavailable`. */
export async function writeTokenFile(path: string, token: string): Promise<void> {
  await writeFileAtomic(path, `${token}\n`, { mode: TOKEN_FILE_MODE });
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}
