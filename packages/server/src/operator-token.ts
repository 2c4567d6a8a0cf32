// A new token for an operator who lost theirs: made at the data folder, for whoever may write there owns the registry.
import { join, resolve } from 'node:path';
import { PlugbayError, silentLogger, systemClock } from '@plugbay/core';
import { lacksDatabase, requireNoContent } from './content-check.ts';
import { openDataFolder } from './data-folder.ts';
import { writeTokenFile } from './operator.ts';
import { newToken } from './secret.ts';
import { addToken, removeToken } from './store/users.ts';

/** A further token of the first operator. */
export interface OperatorToken {
  /** `tok_…` */
  readonly id: string;
  readonly token: string;
  /** Where it was written, for its owner's eyes. */
  readonly tokenFile: string;
}

/**
 * Adds a token to the first operator of the registry in `dataDir`, and writes it over the file `token`. The earlier ones stay valid.
 * @throws PlugbayError `conflict` (a server runs on the folder), `not_found` (no registry), and as a start of the server does.
 */
export async function createOperatorToken(dataDir: string): Promise<OperatorToken> {
  await requireRegistry(resolve(dataDir));
  const { registry, operator, close } = await openDataFolder(dataDir, systemClock, silentLogger);
  try {
    const { userId, tokenFile } = operator;
    const token = newToken();
    const { id } = await addToken(registry.database, systemClock, { userId, name: 'operator', token });
    try {
      await writeTokenFile(tokenFile, token);
    } catch (error) {
      // Nobody knows it now.
      await removeToken(registry.database, id);
      throw error;
    }
    return { id, token, tokenFile };
  } finally {
    await close();
  }
}

async function requireRegistry(folder: string): Promise<void> {
  if (!(await lacksDatabase(join(folder, 'registry.db')))) return;
  await requireNoContent(folder);
  throw new PlugbayError('not_found', `there is no registry in ${folder}`, {
    hint: 'Choose its folder with --data or PLUGBAY_DATA; a new registry gets its token when it is first served.',
  });
}
