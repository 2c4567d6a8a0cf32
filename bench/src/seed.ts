// A server with one app, one extension point and one guest whose plugin counts vowels.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentAddress } from '@plugbay/core';
import { startServer } from '@plugbay/server';
import { guest } from './guests.ts';

const SCHEMA = `
version: v1-draft
exports:
  count_vowels:
    input: { type: string, contentType: text/plain; charset=utf-8 }
    output: { type: object, contentType: application/json }
`;

/** A seeded server; closing it removes its data. */
export interface SeededServer {
  readonly url: string;
  readonly token: string;
  readonly appId: string;
  readonly pointId: string;
  /** Where both clients may keep their caches. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts and fills a server on a free port. */
export async function seededServer(): Promise<SeededServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plugbay-bench-'));
  const server = await startServer({ dataDir: join(folder, 'data'), port: 0 });
  const token = (await readFile(server.operator.tokenFile, 'utf8')).trim();
  const send = async (
    method: string,
    path: string,
    type: string,
    body: string | Uint8Array<ArrayBuffer>,
  ): Promise<{ id: string }> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    const response = await fetch(`${server.url}/api/v1${path}`, { method, headers, body });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return (await response.json()) as { id: string };
  };
  const json = (value: unknown): [string, string] => ['application/json', JSON.stringify(value)];

  const bytes = await guest('count_vowels');
  const app = await send('POST', '/apps', ...json({ name: 'bench' }));
  const point = await send(
    'POST',
    `/apps/${app.id}/extension-points`,
    ...json({ name: 'Text', schema: SCHEMA }),
  );
  await send('PUT', `/artifacts/${point.id}/plugin/~/vowels`, 'application/wasm', bytes);
  const address = contentAddress(bytes);
  await send(
    'PUT',
    `/extension-points/${point.id}/bindings/acme`,
    ...json({ vowels: { contentAddress: address } }),
  );
  return {
    url: server.url,
    token,
    appId: app.id,
    pointId: point.id,
    folder,
    async close() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}
