// The physical limit in Node: its own HTTP server answering everything with one text.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { announce } from './announce.ts';

const body = process.argv[2] ?? '{}';
const headers = {
  'content-type': 'application/json; charset=utf-8',
  'content-length': Buffer.byteLength(body),
};
const server = createServer((_request, response) => {
  response.writeHead(200, headers).end(body);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
announce({ url: `http://127.0.0.1:${port}/`, headers: {}, body }, async () => {
  server.closeAllConnections();
  server.close();
});
