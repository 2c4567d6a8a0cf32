// A lost operator token: a start says so, and a new one is made at the data folder.
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PageRecord } from '@plugbay/core';
import { startTestServer } from '@plugbay/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOperatorToken } from './operator-token.ts';
import { startServer } from './start.ts';

let folder: string;
let tokenFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugbay-token-'));
  tokenFile = join(folder, 'token');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function startOnce() {
  const server = await startServer({ dataDir: folder, port: 0 });
  await server.close();
  return server.operator;
}

it('a start says whether the token file is there', async () => {
  expect((await startOnce()).hasTokenFile).toBe(true);
  await rm(tokenFile);
  const { userId } = await startOnce();
  expect(await startOnce()).toEqual({ userId, tokenFile, hasTokenFile: false });
  await mkdir(tokenFile);
  expect((await startOnce()).hasTokenFile).toBe(false);
});

it('createOperatorToken gives the first operator a further token, in the file and for its owner alone', async () => {
  const { token: first = '', userId } = await startOnce();
  await rm(tokenFile);
  const made = await createOperatorToken(folder);
  expect(made).toEqual({
    id: expect.stringMatching(/^tok_[0-9a-z]{26}$/),
    token: expect.stringMatching(/^xtp0_[A-Za-z0-9_-]{53}$/),
    tokenFile,
  });
  expect(await readFile(tokenFile, 'utf8')).toBe(`${made.token}\n`);
  expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);

  await using server = await startTestServer({ dataDir: folder });
  expect(server.token).toBe(made.token);
  const { body } = await server.api<PageRecord<object>>('GET', '/tokens');
  expect(body.objects).toMatchObject([
    { name: 'first', userId },
    { id: made.id, name: 'operator', userId },
  ]);
  expect((await server.as(first)('GET', '/apps')).status).toBe(200);
});

it('createOperatorToken is refused while a server runs on the folder', async () => {
  await using server = await startTestServer({ dataDir: folder });
  await expect(createOperatorToken(folder)).rejects.toMatchObject({
    code: 'conflict',
    message: `the data folder of ${join(folder, 'registry.db')} is in use by another Plugbay`,
  });
  expect((await readFile(tokenFile, 'utf8')).trim()).toBe(server.token);
});

it('createOperatorToken makes no registry where there is none', async () => {
  await expect(createOperatorToken(folder)).rejects.toMatchObject({
    code: 'not_found',
    message: `there is no registry in ${folder}`,
    hint: 'Choose its folder with --data or PLUGBAY_DATA; a new registry gets its token when it is first served.',
  });
  expect(await readdir(folder)).toEqual([]);
});

it('createOperatorToken keeps no token that it could not write', async () => {
  await startOnce();
  await rm(tokenFile);
  await mkdir(join(tokenFile, 'full'), { recursive: true });
  await expect(createOperatorToken(folder)).rejects.toMatchObject({ code: 'unavailable' });
  await rm(tokenFile, { recursive: true });
  const { token } = await createOperatorToken(folder);
  await using server = await startTestServer({ dataDir: folder });
  expect(server.token).toBe(token);
  expect((await server.api<PageRecord<object>>('GET', '/tokens')).body.total).toBe(2);
});
