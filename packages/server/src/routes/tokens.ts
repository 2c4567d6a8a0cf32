// Tokens: a user makes further ones for themselves, lists and revokes them; the operator sees to those of all.
import { type PageRecord, parseTypeId, type TokenRecord } from '@plugbay/core';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { principalOf } from '../auth.ts';
import { parseName } from '../name.ts';
import { page } from '../page.ts';
import { isoTime, type Registry } from '../registry.ts';
import { newToken } from '../secret.ts';
import { addToken, listTokens, type Principal, removeToken } from '../store/users.ts';

const NewToken = Type.Object({ name: Type.String() });

/** Adds `POST` and `GET /tokens`, and `DELETE /tokens/{id}`. */
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

  api.get('/tokens', async (request): Promise<PageRecord<Omit<TokenRecord, 'token'>>> => {
    const rows = await listTokens(database, reach(principalOf(request)));
    return page(
      rows.map(({ id, name, user_id, created_at }) => {
        return { id, name, userId: user_id, createdAt: isoTime(created_at) };
      }),
    );
  });

  api.delete<{ Params: { id: string } }>('/tokens/:id', async (request, reply) => {
    await removeToken(database, parseTypeId('tok', request.params.id), reach(principalOf(request)));
    return reply.code(204).send();
  });
}

// Whose tokens they may see and revoke: undefined for those of everybody.
function reach({ operator, userId }: Principal): string | undefined {
  return operator ? undefined : userId;
}
