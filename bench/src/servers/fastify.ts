// Bare fastify serving a JSON text it was given: a route with the same shape, no registry, no authentication.
import fastify from 'fastify';
import { announce } from './announce.ts';

const body = process.argv[2] ?? '{}';
const value: unknown = JSON.parse(body);
const app = fastify();
app.get('/api/v1/extension-points/:point/bindings/*', () => value);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
announce({ url: `${url}/api/v1/extension-points/ext/bindings/acme`, headers: {}, body }, () => app.close());
