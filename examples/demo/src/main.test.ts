import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, runDemo } from '../test/run-demo.ts';

let dataDir = '';
const demos: Demo[] = [];
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'plugbay-demo-')), 'data');
});
afterEach(async () => {
  for (const demo of demos.splice(0)) await demo.stop('SIGKILL');
  await rm(join(dataDir, '..'), { recursive: true, force: true });
});

async function start(args: string[] = [], port = 0): Promise<Demo> {
  const demo = await runDemo({ dataDir, args, port });
  demos.push(demo);
  return demo;
}

describe('npm start', { timeout: 120_000 }, () => {
  it('prints the cart, the answer, how long it took and where things are', async () => {
    const { output, url } = await start(['--once']);
    expect(output).toContain(`Plugbay is listening on ${url}\n`);
    expect(output).toContain("The shop called acme's plugin: Checkout.discount('acme', cart)\n");
    expect(output).toContain(
      '  cart    {"customer":"ada","items":[{"sku":"tea-1kg","quantity":2,"unitPrice":4200},',
    );
    expect(output).toContain('  answer  {"amount":2595,"reason":"15 % for gold customers"}\n');
    expect(output).toMatch(
      / {2}took {4}[\d.]+ ms with fetching and compiling it, [\d.]+ ms once it is open\n/,
    );
    expect(output).toContain(`  token   ${join(dataDir, 'token')}\n`);
    expect(output).toContain(`  data    ${dataDir}\n`);
    expect(output).not.toContain('xtp0_');
  });

  it('keeps the token to its owner, and only its hash in the database', async () => {
    const { token } = await start(['--once']);
    expect(token).toMatch(/^xtp0_[A-Za-z0-9_-]{53}$/);
    expect((await stat(join(dataDir, 'token'))).mode & 0o777).toBe(0o600);
    const database = await readFile(join(dataDir, 'registry.db'));
    expect(database.includes(token)).toBe(false);
    expect(database.includes(token.slice(5))).toBe(false);
  });

  it('with --once exits with 0 after the call, and reuses the data the next time', async () => {
    const first = await start(['--once']);
    expect(await first.stop('SIGTERM')).toBe(0);
    const second = await start(['--once']);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(second.appId).toBe(first.appId);
    expect(second.token).toBe(first.token);
    expect(second.output).toContain('  answer  {"amount":2595,"reason":"15 % for gold customers"}\n');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stays up, and ends with 0 at %s', async (signal) => {
    const demo = await start();
    expect((await fetch(`${demo.url}/healthz`)).status).toBe(200);
    expect(await demo.stop(signal)).toBe(0);
    await expect(fetch(`${demo.url}/healthz`)).rejects.toThrow();
  });

  it('ends with 0 when a signal reaches it twice at once, as one to a whole process group does', async () => {
    const demo = await start();
    demo.child.kill('SIGTERM');
    expect(await demo.stop('SIGTERM')).toBe(0);
  });

  it('calls the plugin that it pushed, whatever else the guest has bound since', async () => {
    const demo = await start();
    const headers = { authorization: `Bearer ${demo.token}`, 'content-type': 'application/json' };
    const api = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
      const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
      return (await fetch(`${demo.url}/api/v1${path}`, init)).json() as Promise<Record<string, unknown>>;
    };
    const { objects } = await api('GET', `/apps/${demo.appId}/extension-points`);
    const [{ id } = { id: '' }] = objects as { id: string }[];
    const { discount } = await api('GET', `/extension-points/${id}/bindings/acme`);
    await api('PUT', `/extension-points/${id}/bindings/acme`, { newest: discount });
    await demo.stop('SIGTERM');
    expect((await start(['--once'])).output).toContain('"15 % for gold customers"');
  });

  it.each([
    [['--onec'], {}, '--onec is no option'],
    [[], { PLUGBAY_PORT: 'abc' }, 'PLUGBAY_PORT is "abc", which is no port'],
  ])('says what is wrong with %j %j', async (args, env, message) => {
    const demo = await runDemo({ dataDir, args, env });
    demos.push(demo);
    expect(await demo.stop('SIGTERM')).toBe(1);
    expect(demo.output).toMatch(new RegExp(`^error: ${message}\nhint: .+\n$`));
  });

  it('says that the token is lost, and how to get a new one', async () => {
    await start(['--once']);
    await rm(join(dataDir, 'token'));
    const demo = await start(['--once']);
    expect(await demo.stop('SIGTERM')).toBe(1);
    expect(demo.output).toContain("error: the operator's token cannot be read: ENOENT");
    expect(demo.output).toContain('hint: Make a new one: node packages/plugbay/dist/main.js token\n');
  });

  it('serves the app of a user’s own', async () => {
    const demo = await start();
    const env = { ...process.env, PLUGBAY_URL: demo.url, PLUGBAY_APP: demo.appId, PLUGBAY_TOKEN: demo.token };
    const app = join(import.meta.dirname, '..', '..', 'checkout-app', 'dist', 'main.js');
    const run = (guest: string): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, [app, guest], { env, cwd: join(dataDir, '..') });
    expect((await run('acme')).stdout).toBe('126.00 - 18.90 (15 % for gold customers)\n');
    expect((await run('somebody-else')).stdout).toBe('126.00 - 0.00 (no plugin)\n');
  });

  it('says which port is taken, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const demo = await start(['--once'], port);
    other.close();
    expect(await demo.stop('SIGTERM')).toBe(1);
    expect(demo.output).toContain(`port ${port}`);
    expect(demo.output).toMatch(/^hint: .+$/m);
    expect(demo.output).not.toContain('    at ');
  });

  it('says that its data folder cannot be used, and what to do', async () => {
    await writeFile(dataDir, 'a file where the folder should be');
    const demo = await start(['--once']);
    expect(await demo.stop('SIGTERM')).toBe(1);
    expect(demo.output).toMatch(/^error: .*data.*$/m);
    expect(demo.output).toMatch(/^hint: .+$/m);
  });
});
