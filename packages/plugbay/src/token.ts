// plugbay token: a new operator token, for one that was lost.
import { createOperatorToken } from '@plugbay/server';

/** What `plugbay token` is told. */
export interface TokenOptions {
  readonly data: string;
  readonly json?: boolean;
}

/** Makes the token and prints where it is, never its text. @throws PlugbayError as {@link createOperatorToken} does. */
export async function token({ data, json }: TokenOptions): Promise<void> {
  const { id, tokenFile } = await createOperatorToken(data);
  if (json === true) {
    console.log(JSON.stringify({ id, tokenFile }));
    return;
  }
  console.log(`The new operator token is in ${tokenFile}`);
  console.log('Earlier ones stay valid until they are revoked.');
}
