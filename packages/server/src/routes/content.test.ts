// Content: damaged or lost on disk is said, and mended by pushing it again.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentAddress, type LogMethod, silentLogger } from '@plugbay/core';
import { startTestServer, wat } from '@plugbay/testing';
import { expect, it } from 'vitest';

it('is refused when it is damaged or lost on disk, and whole again after a push', async () => {
  const logged: unknown[] = [];
  const error: LogMethod = (facts: object | string) => logged.push(facts);
  await using server = await startTestServer({ logger: { ...silentLogger, error } });
  const { id } = await server.point();
  const bytes = await wat('(module (func (export "run")))');
  const address = contentAddress(bytes);
  await server.push(id, 'one', bytes);
  const blob = join(server.server.dataDir, 'blobs', address.slice(0, 2), address);

  await writeFile(blob, 'damaged');
  const damaged = await server.api('GET', `/c/${address}`);
  expect(damaged).toMatchObject({
    status: 500,
    body: {
      code: 'integrity',
      detail: `content of ${address} is damaged: its bytes are those of ${contentAddress(Buffer.from('damaged'))}`,
    },
  });
  // An error is never kept by a cache, even where the content would be for ever.
  expect(damaged.headers.get('cache-control')).toBe('no-store');
  expect(damaged.headers.get('etag')).toBeNull();
  expect(logged).toHaveLength(1);
  expect((await server.push(id, 'one', bytes)).status).toBe(200);
  expect((await server.api('GET', `/c/${address}`)).body).toEqual(new Uint8Array(bytes));

  await rm(blob);
  expect(await server.api('GET', `/c/${address}`)).toMatchObject({
    status: 500,
    body: { code: 'integrity', detail: `content ${address} is missing from the data folder` },
  });
});

it('is not sent again to those who have it', async () => {
  await using server = await startTestServer();
  const { id } = await server.point();
  const bytes = await wat('(module (func (export "run")))');
  const etag = `"${contentAddress(bytes)}"`;
  await server.push(id, 'one', bytes);
  const get = (headers: Record<string, string>) =>
    fetch(`${server.url}/api/v1/c/${contentAddress(bytes)}`, { headers });
  const authorization = `Bearer ${server.token}`;
  expect((await get({ authorization, 'if-none-match': etag })).status).toBe(304);
  expect((await get({ authorization, 'if-none-match': '"other"' })).status).toBe(200);
  expect((await get({ 'if-none-match': etag })).status).toBe(401);
});
