// Whether the server runs, and whether it can work.
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Registry } from '../registry.ts';

/** Adds `GET /healthz` (200 while the process runs) and `GET /readyz` (200 while the database answers). */
export function addHealthRoutes(fastify: FastifyInstance, { database }: Registry): void {
  fastify.get('/healthz', async () => ({ status: 'ok' }));
  fastify.get('/readyz', async () => {
    await sql`SELECT id FROM users LIMIT 1`.execute(database);
    return { status: 'ok' };
  });
}
