// A full disk: what was acknowledged stays, what does not fit is refused, and work goes on once there is room again.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type AppRecord, contentAddress, type PageRecord, type ProblemRecord } from '@plugbay/core';
import { startTestServer, wat } from '@plugbay/testing';
import { expect, it } from 'vitest';

/** A module of about this many bytes: a plugin, and a custom section that nobody reads. */
async function plugin(answer: number, bytes: number): Promise<Uint8Array> {
  const module = await wat(`(module (func (export "run") (result i32) i32.const ${answer}))`);
  const size = [(bytes & 0x7f) | 0x80, ((bytes >> 7) & 0x7f) | 0x80, (bytes >> 14) & 0x7f];
  return new Uint8Array([...module, 0, ...size, 1, 0x78, ...Array.from({ length: bytes - 2 }, () => 0)]);
}

const FULL = {
  status: 503,
  body: { code: 'unavailable', hint: 'Free disk space, then try again; nothing was changed.' },
};

// CAP_SYS_ADMIN is bit 21: with it, mounting works, and a failure to mount is a failure of the test.
const CAP_SYS_ADMIN = 1n << 21n;
const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
const mayMount = (BigInt(`0x${capabilities}`) & CAP_SYS_ADMIN) !== 0n;

it.runIf(mayMount)('a full file system refuses pushes and apps, until it is larger', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugbay-full-'));
  const mount = (...options: string[]) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', folder]);
  mount('size=1m');
  try {
    const server = await startTestServer({ dataDir: folder });
    const { id, appId } = await server.point();
    const small = await plugin(0, 100);
    await server.push(id, 'small', small);
    const path = `/extension-points/${id}/bindings/acme`;
    const bound = await server.api('PUT', path, { one: { contentAddress: contentAddress(small) } });

    const large = await plugin(1, 1_500_000);
    const refused = await server.push<ProblemRecord>(id, 'large', large);
    expect(refused).toMatchObject(FULL);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.body.detail).toMatch(/^cannot write blobs\/[\w-]{2}\/[\w-]{43}: no space is left$/);
    const apps: string[] = [appId];
    let app = await server.api<AppRecord>('POST', '/apps', { name: 'Shop' });
    while (app.status === 201) {
      apps.push(app.body.id);
      app = await server.api<AppRecord>('POST', '/apps', { name: 'x'.repeat(100) });
    }
    expect(app).toMatchObject(FULL);
    expect(await server.api('POST', '/apps', { name: 'x'.repeat(100) })).toMatchObject(FULL);

    const listed = async () =>
      (await server.api<PageRecord<AppRecord>>('GET', '/apps')).body.objects.map(({ id }) => id);
    // In the order of their ids, which is that of their making but for those of one millisecond.
    expect(await listed()).toEqual(apps.toSorted());
    expect((await server.api('GET', path)).body).toEqual(bound.body);
    expect((await server.api('GET', `/c/${contentAddress(small)}`)).body).toEqual(small);

    mount('remount', 'size=16m');
    expect((await server.push(id, 'large', large)).status).toBe(201);
    expect((await server.api('POST', '/apps', { name: 'Shop' })).status).toBe(201);
    await server.server.close();

    await using again = await startTestServer({ dataDir: folder });
    expect((await again.api('GET', path)).body).toEqual(bound.body);
    expect((await again.api<PageRecord<AppRecord>>('GET', '/apps')).body.total).toBe(apps.length + 1);
  } finally {
    execFileSync('umount', ['-l', folder]);
    await rm(folder, { recursive: true });
  }
});

const LIMITED = `
  import { startServer } from '@plugbay/server';
  const { url } = await startServer({ dataDir: process.env.FOLDER, port: 0 });
  console.log(url);
`;

// 1,000 blocks of 512 or 1,024 bytes, as the shell counts them: room for the tables, and not for a thousand apps.
const FILE_BLOCKS = 1000;

it('a limit on the size of files refuses apps, and loses none that was made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugbay-limited-'));
  const command = `ulimit -f ${FILE_BLOCKS} && exec "$0" "$@"`;
  const node = [process.execPath, '--conditions=@plugbay/source', '--input-type=module', '-e', LIMITED];
  const child = spawn('sh', ['-c', command, ...node], {
    cwd: import.meta.dirname,
    env: { ...process.env, FOLDER: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const gone = once(child, 'exit');
  try {
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    const token = (await readFile(join(folder, 'token'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const api = async <T>(method: string, path: string, body?: object) => {
      const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
      const response = await fetch(`${url}/api/v1${path}`, init);
      return { status: response.status, body: (await response.json()) as T };
    };
    const apps: string[] = [];
    let app = await api<AppRecord>('POST', '/apps', { name: 'x'.repeat(100) });
    while (app.status === 201) {
      apps.push(app.body.id);
      app = await api<AppRecord>('POST', '/apps', { name: 'x'.repeat(100) });
    }
    expect(app).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    const listed = await api<PageRecord<AppRecord>>('GET', '/apps');
    expect(listed.body.objects.map(({ id }) => id)).toEqual(apps);
    child.kill('SIGKILL');
    await gone;

    await using server = await startTestServer({ dataDir: folder });
    const kept = await server.api<PageRecord<AppRecord>>('GET', '/apps');
    expect(kept.body.objects.map(({ id }) => id)).toEqual(apps);
  } finally {
    child.kill('SIGKILL');
    await gone;
    await rm(folder, { recursive: true });
  }
});
