// Extension points of an app.
import type { ExtensionPointRecord, PageRecord } from '@plugbay/core';
import { parseSchema, type SchemaWarning } from '@plugbay/schema';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { membershipOf, pointOf, requireOwner } from '../access.ts';
import { principalOf } from '../auth.ts';
import { parseName } from '../name.ts';
import { page } from '../page.ts';
import type { Registry } from '../registry.ts';
import { addExtensionPoint, extensionPointRecord, listExtensionPoints } from '../store/extension-points.ts';

const NewPoint = Type.Object({
  name: Type.String(),
  schema: Type.Union([Type.String(), Type.Object({})]),
});

/** A new extension point, and what its author may want to correct. */
interface CreatedPoint extends ExtensionPointRecord {
  readonly warnings: readonly SchemaWarning[];
}

/** Adds `POST` and `GET /apps/{app}/extension-points`, and `GET /extension-points/{ext}`. */
export function addExtensionPointRoutes(api: FastifyInstance, { database, clock }: Registry): void {
  api.post<{ Body: Static<typeof NewPoint>; Params: { app: string } }>(
    '/apps/:app/extension-points',
    { schema: { body: NewPoint } },
    async (request, reply) => {
      const membership = await membershipOf(database, principalOf(request), request.params.app);
      requireOwner(membership);
      const name = parseName('extension point', request.body.name);
      const { schema, warnings } = parseSchema(request.body.schema);
      const schemaText = textOf(request.body.schema);
      const { appId } = membership;
      const record = await addExtensionPoint(database, clock, { appId, name, schema, schemaText });
      const answer: CreatedPoint = { ...record, warnings };
      return reply.code(201).send(answer);
    },
  );

  api.get<{ Params: { app: string } }>(
    '/apps/:app/extension-points',
    async (request): Promise<PageRecord<ExtensionPointRecord>> => {
      const { appId } = await membershipOf(database, principalOf(request), request.params.app);
      return page(await listExtensionPoints(database, appId));
    },
  );

  api.get<{ Params: { ext: string } }>(
    '/extension-points/:ext',
    async (request): Promise<ExtensionPointRecord> => {
      const { point } = await pointOf(database, principalOf(request), request.params.ext);
      return extensionPointRecord(point);
    },
  );
}

// JSON is YAML, so an object has a text too.
function textOf(schema: string | object): string {
  return typeof schema === 'string' ? schema : JSON.stringify(schema, null, 2);
}
