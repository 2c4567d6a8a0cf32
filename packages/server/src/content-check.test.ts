// A data folder that has plugins and no registry is damaged, not new: nothing in it is touched.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ContentStore } from '@plugbay/io';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOperatorToken } from './operator-token.ts';
import { startServer } from './start.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugbay-content-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const start = () => startServer({ dataDir: folder, port: 0 });
const refusal = () => ({
  code: 'integrity',
  message: `the data folder ${folder} has plugins, but its registry.db is empty or missing`,
  hint: 'Restore registry.db from a backup, or move the folder away to start anew; nothing was changed.',
});

async function withoutDatabase(): Promise<void> {
  await (await start()).close();
  await new ContentStore(join(folder, 'blobs')).put(Buffer.from('a plugin'));
  await writeFile(join(folder, 'token'), 'the old one');
  for (const name of await readdir(folder)) {
    if (name.startsWith('registry.db')) await rm(join(folder, name));
  }
}

describe('a data folder with plugins', () => {
  it('and without registry.db is damaged, and gets no new registry', async () => {
    await withoutDatabase();
    await expect(start()).rejects.toMatchObject(refusal());
    await expect(createOperatorToken(folder)).rejects.toMatchObject(refusal());
    expect((await readdir(folder)).sort()).toEqual(['blobs', 'token']);
    expect(await readFile(join(folder, 'token'), 'utf8')).toBe('the old one');
  });

  it('and an empty registry.db is damaged, and the file stays empty', async () => {
    await withoutDatabase();
    await writeFile(join(folder, 'registry.db'), '');
    await expect(start()).rejects.toMatchObject(refusal());
    expect((await readdir(folder)).sort()).toEqual(['blobs', 'registry.db', 'token']);
    expect(await readFile(join(folder, 'registry.db'), 'utf8')).toBe('');
    expect(await readFile(join(folder, 'token'), 'utf8')).toBe('the old one');
  });

  it('and a registry.db without an operator is damaged, and the token stays', async () => {
    await (await start()).close();
    const token = await readFile(join(folder, 'token'), 'utf8');
    await new ContentStore(join(folder, 'blobs')).put(Buffer.from('a plugin'));
    const database = new DatabaseSync(join(folder, 'registry.db'));
    database.exec('DELETE FROM tokens; DELETE FROM users');
    database.close();
    await expect(start()).rejects.toMatchObject(refusal());
    expect(await readFile(join(folder, 'token'), 'utf8')).toBe(token);
  });
});

it('a data folder whose blobs hold no plugin gets a new registry', async () => {
  await mkdir(join(folder, 'blobs', 'ab'), { recursive: true });
  await writeFile(join(folder, 'blobs', '.DS_Store'), 'x');
  await writeFile(join(folder, 'blobs', 'ab', 'half.tmp'), 'x');
  const server = await start();
  expect(server.operator.hasTokenFile).toBe(true);
  await server.close();
});
