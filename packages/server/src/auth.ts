// Who makes a request: the user behind its bearer token.
import { PlugbayError } from '@plugbay/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hashSecret, isToken } from './secret.ts';
import type { Database } from './store/tables.ts';
import { type Principal, prepareTokenLookup } from './store/users.ts';

// RFC 9110 §11.1: the scheme's name has no case.
const BEARER = /^Bearer +([^ ]+)$/i;
const PRINCIPAL = 'principal';

/** Lets only requests with a valid token through to the routes of `api`. Others get `unauthenticated`. */
export function requireToken(api: FastifyInstance, database: Database): void {
  const lookUp = prepareTokenLookup(database);
  api.decorateRequest(PRINCIPAL, null);
  api.addHook('onRequest', async (request) => {
    const token = bearerToken(request.headers.authorization);
    // By hash, so that the time of the lookup tells nothing of the tokens that exist.
    const [user] = await lookUp({ hash: hashSecret(token) });
    if (user === undefined) throw unauthenticated('the token is not known, or was revoked');
    request.setDecorator<Principal>(PRINCIPAL, { userId: user.id, operator: user.operator === 1 });
  });
}

/** Who makes this request, in a route behind {@link requireToken}. */
export function principalOf(request: FastifyRequest): Principal {
  return request.getDecorator<Principal>(PRINCIPAL);
}

function bearerToken(header: string | undefined): string {
  if (header === undefined) throw unauthenticated('the request has no token');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined)
    throw unauthenticated('the authorization header is not of the form "Bearer <token>"');
  if (!isToken(token)) throw unauthenticated('the token is malformed');
  return token;
}

function unauthenticated(reason: string): PlugbayError {
  return new PlugbayError('unauthenticated', reason, {
    hint: 'Send "Authorization: Bearer <token>". The first token is in the file "token" of the data folder.',
  });
}
