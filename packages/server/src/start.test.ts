// Starting and stopping: every way in which a start can be refused, and what happens to requests when the server goes.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { PlugbayError } from '@plugbay/core';
import { startTestServer, wat } from '@plugbay/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer } from './start.ts';

const run = promisify(execFile);

const AS_NOBODY = `
  import { chmodSync } from 'node:fs';
  import { startServer } from '@plugbay/server';
  const dataDir = process.env.FOLDER;
  chmodSync(dataDir, 0o000);
  if (process.getuid() === 0) process.seteuid(65534);
  const error = await startServer({ dataDir, port: 0 }).then(() => ({}), (thrown) => thrown);
  if (process.getuid() === 0) process.seteuid(0);
  chmodSync(dataDir, 0o700);
  console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugbay-start-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function refusal(promise: Promise<unknown>): Promise<PlugbayError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof PlugbayError) return error;
  throw new Error('it was not refused with a PlugbayError', { cause: error });
}

const start = () => startServer({ dataDir: folder, port: 0 });

async function startOnce(): Promise<void> {
  await (await start()).close();
}

describe('a port', () => {
  it('in use is a conflict that says how to choose another', async () => {
    await using running = await startTestServer();
    const port = Number(new URL(running.url).port);
    const error = await refusal(startServer({ dataDir: folder, port }));
    expect(error).toMatchObject({
      code: 'conflict',
      message: `port ${port} of 127.0.0.1 is in use`,
      hint: 'Stop what listens there, or choose another port with --port or PLUGBAY_PORT (0 takes any that is free).',
    });
    // The data folder was let go of.
    await startOnce();
  });

  it.each([-1, 65_536, 1.5, Number.NaN])('%s is not valid', async (port) => {
    expect(await refusal(startServer({ dataDir: folder, port }))).toMatchObject({
      code: 'invalid',
      message: `port must be a whole number from 0 to 65535, not ${port}`,
    });
  });

  it('on an address of another machine is not valid', async () => {
    expect(await refusal(startServer({ dataDir: folder, host: '192.0.2.1', port: 0 }))).toMatchObject({
      code: 'invalid',
      message: '192.0.2.1 is not an address of this machine',
    });
  });
});

describe('a data folder', () => {
  it('in use by another Plugbay is a conflict', async () => {
    await using running = await startTestServer({ dataDir: folder });
    expect(await refusal(start())).toMatchObject({
      code: 'conflict',
      message: `the data folder of ${join(folder, 'registry.db')} is in use by another Plugbay`,
      hint: 'Stop the other one, or choose another folder with --data or PLUGBAY_DATA.',
    });
    expect((await running.api('GET', '/apps')).status).toBe(200);
  });

  it('of a newer version is not touched', async () => {
    await startOnce();
    const path = join(folder, 'registry.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 7');
    database.close();
    const before = await readFile(path);
    expect(await refusal(start())).toMatchObject({
      code: 'unsupported',
      message: `the data folder of ${path} is of version 7, and this Plugbay knows versions up to 1`,
      hint: 'Use the Plugbay that wrote it or a newer one, or choose another folder; nothing was changed.',
    });
    expect(await readFile(path)).toEqual(before);
  });

  it('whose database is something else is damaged', async () => {
    const path = join(folder, 'registry.db');
    await writeFile(path, 'this is no database, but it is longer than the header of one is'.repeat(20));
    expect(await refusal(start())).toMatchObject({
      code: 'integrity',
      message: `${path} cannot be read as a registry: file is not a database`,
      hint: 'Restore the folder from a backup, or move it away and start with a new one.',
    });
  });

  it('whose database is of another program is not touched', async () => {
    const path = join(folder, 'registry.db');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE songs (title TEXT)');
    database.close();
    const before = await readFile(path);
    expect(await refusal(start())).toMatchObject({
      code: 'integrity',
      message: `${path} cannot be read as a registry: it is a database of another program`,
    });
    expect(await readFile(path)).toEqual(before);
  });

  it('with a damaged page is damaged', async () => {
    await startOnce();
    const path = join(folder, 'registry.db');
    const bytes = await readFile(path);
    bytes.fill(0xff, 4096, 8192);
    await writeFile(path, bytes);
    expect(await refusal(start())).toMatchObject({ code: 'integrity' });
  });

  it('that is a file, or below one, is not available', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect(await refusal(startServer({ dataDir: file, port: 0 }))).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`cannot open ${file}: `),
    });
    expect(await refusal(startServer({ dataDir: join(file, 'below'), port: 0 }))).toMatchObject({
      code: 'unavailable',
    });
  });

  it('whose database is a folder is not available', async () => {
    const path = join(folder, 'registry.db');
    await mkdir(path);
    expect(await refusal(start())).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`cannot open ${path}: `),
    });
  });

  it('that this user may not read is not available', async () => {
    await startOnce();
    // Root may read everything, so the start is tried as nobody, in a process that can give root up.
    const { stdout } = await run(
      process.execPath,
      ['--conditions=@plugbay/source', '--input-type=module', '-e', AS_NOBODY],
      {
        cwd: import.meta.dirname,
        env: { ...process.env, FOLDER: folder },
      },
    );
    expect(JSON.parse(stdout)).toEqual({
      code: 'unavailable',
      message: `cannot open ${join(folder, 'registry.db')}: permission is denied`,
      hint: 'Let the user that runs Plugbay own the folder, or choose another one with PLUGBAY_DATA.',
    });
  });

  it('that a crash left without its first user gets a new one, and a new token', async () => {
    // As after a crash between the token file and the user: the tables are there, and a token that nobody has.
    await startOnce();
    const stale = await readFile(join(folder, 'token'), 'utf8');
    const database = new DatabaseSync(join(folder, 'registry.db'));
    database.exec('DELETE FROM tokens; DELETE FROM users');
    database.close();

    await using server = await startTestServer({ dataDir: folder });
    expect(server.token).not.toBe(stale.trim());
    expect(server.server.operator.token).toBe(server.token);
    expect((await server.api('GET', '/apps')).status).toBe(200);
    expect((await server.as(stale.trim())('GET', '/apps')).status).toBe(401);
  });

  it('is nobody else’s, and holds what the architecture says', async () => {
    const dataDir = join(folder, 'made', 'here');
    await using server = await startTestServer({ dataDir });
    const { id } = await server.point();
    await server.push(id, 'one', await wat('(module (func (export "run")))'));
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await readdir(dataDir)).filter((name) => !name.startsWith('registry.db-')).sort()).toEqual([
      'blobs',
      'registry.db',
      'token',
    ]);
    expect(await readFile(join(dataDir, 'registry.db'))).not.toContain(server.token);
  });
});

describe('closing', () => {
  it('lets a push that is under way end, and refuses new requests', async () => {
    const server = await startTestServer({ dataDir: folder });
    const { id } = await server.point();
    const bytes = Buffer.from(await wat('(module (func (export "run")))'));
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const head = [
      `PUT /api/v1/artifacts/${id}/plugin/~/one HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${server.token}`,
      'content-type: application/wasm',
      'expect: 100-continue',
      `content-length: ${bytes.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    const answer = socket[Symbol.asyncIterator]();
    // The server has the request when it asks for the body.
    expect(String((await answer.next()).value)).toContain('100 Continue');
    socket.write(bytes.subarray(0, 10));
    const closed = server.server.close();
    expect(server.server.close()).toBe(closed);
    socket.write(bytes.subarray(10));
    const text = String((await answer.next()).value);
    expect(text).toContain('HTTP/1.1 201 Created');
    expect(text.toLowerCase()).toContain('connection: close');
    await closed;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });

  it('cuts what takes longer than it waits, and keeps nothing of it', async () => {
    const server = await startTestServer({ dataDir: folder, drainMs: 0 });
    const { id } = await server.point();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const head = [
      `PUT /api/v1/artifacts/${id}/plugin/~/one HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${server.token}`,
      'content-type: application/wasm',
      'expect: 100-continue',
      'content-length: 1000',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    const cut = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    await server.server.close();
    await cut;

    await using again = await startTestServer({ dataDir: folder });
    expect((await again.api('GET', `/extension-points/${id}`)).status).toBe(200);
    expect(await readdir(folder)).not.toContain('blobs');
  });
});
