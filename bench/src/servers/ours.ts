// Our server with one guest's binding.
import { seededServer } from '../seed.ts';
import { announce } from './announce.ts';

const server = await seededServer();
const url = `${server.url}/api/v1/extension-points/${server.pointId}/bindings/acme`;
const headers = { authorization: `Bearer ${server.token}` };
const response = await fetch(url, { headers });
announce({ url, headers, body: await response.text() }, () => server.close());
