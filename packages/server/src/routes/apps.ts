// Apps: created by the operator, listed by those who belong to them.
import type { AppRecord, PageRecord } from '@plugbay/core';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { requireOperator } from '../access.ts';
import { principalOf } from '../auth.ts';
import { parseName } from '../name.ts';
import { page } from '../page.ts';
import type { Registry } from '../registry.ts';
import { addApp, listApps } from '../store/apps.ts';

const NewApp = Type.Object({ name: Type.String() });

/** Adds `POST /apps` and `GET /apps`. */
export function addAppRoutes(api: FastifyInstance, { database, clock }: Registry): void {
  api.post<{ Body: Static<typeof NewApp> }>('/apps', { schema: { body: NewApp } }, async (request, reply) => {
    const principal = principalOf(request);
    requireOperator(principal);
    const app: AppRecord = await addApp(
      database,
      clock,
      parseName('app', request.body.name),
      principal.userId,
    );
    return reply.code(201).send(app);
  });

  api.get('/apps', async (request): Promise<PageRecord<AppRecord>> => {
    return page(await listApps(database, principalOf(request).userId));
  });
}
