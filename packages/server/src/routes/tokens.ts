// Tokens: a user makes further ones for themselves, and revokes them.
import { parseTypeId, type TokenRecord } from '@plugbay/core';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { principalOf } from '../auth.ts';
import { parseName } from '../name.ts';
import { isoTime, type Registry } from '../registry.ts';
import { newToken } from '../secret.ts';
import { addToken, removeToken } from '../store/users.ts';

const NewToken = Type.Object({ name: Type.String() });

/** Adds `POST /tokens` and `DELETE /tokens/{token}`. */
export function addTokenRoutes(api: FastifyInstance, { database, clock }: Registry): void {
  api.post<{ Body: Static<typeof NewToken> }>(
    '/tokens',
    { schema: { body: NewToken } },
    async (request, reply) => {
      const { userId } = principalOf(request);
      const name = parseName('token', request.body.name);
      const token = newToken();
      const { id, createdAt } = await addToken(database, clock, { userId, name, token });
      const record: TokenRecord = { id, name, userId, token, createdAt: isoTime(createdAt) };
      return reply.code(201).send(record);
    },
  );

  api.delete<{ Params: { token: string } }>('/tokens/:token', async (request, reply) => {
    await removeToken(database, principalOf(request).userId, parseTypeId('tok', request.params.token));
    return reply.code(204).send();
  });
}
