// Death at any moment: after a SIGKILL during pushes and binds, the next start finds the old state or the new one.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type AppRecord,
  type ArtifactRecord,
  type BindingsRecord,
  contentAddress,
  type ExtensionPointRecord,
} from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { expect, it } from 'vitest';

const KILLS = 20;
// A kill comes after one to four answers, and then up to this late: longer than a push or a bind takes.
const LATEST_KILL_MS = 12;

const SERVE = `
  import { flushCompileCache } from 'node:module';
  import { startServer } from '@plugbay/server';
  const { url } = await startServer({ dataDir: process.env.FOLDER, port: 0 });
  flushCompileCache();
  console.log(url);
`;

interface Child {
  readonly process: ChildProcess;
  readonly url: string;
}

async function serve(folder: string): Promise<Child> {
  const args = ['--conditions=@plugbay/source', '--input-type=module', '-e', SERVE];
  const child = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    env: { ...process.env, FOLDER: folder, NODE_COMPILE_CACHE: join(folder, 'compiled') },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const url of createInterface(child.stdout)) return { process: child, url };
  throw new Error(`the server did not start: exit code ${child.exitCode}`);
}

async function kill(child: Child): Promise<void> {
  if (child.process.exitCode !== null || child.process.signalCode !== null) return;
  const gone = once(child.process, 'exit');
  child.process.kill('SIGKILL');
  await gone;
}

/** A request whose answer may never come. */
async function send<T>(child: Child, token: string, method: string, path: string, body: unknown): Promise<T> {
  const wasm = body instanceof Uint8Array;
  const response = await fetch(`${child.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': wasm ? 'application/wasm' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: wasm ? Buffer.from(body) : JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (path.startsWith('/c/') ? new Uint8Array(await response.arrayBuffer()) : await response.json()) as T;
}

it(`keeps every acknowledged binding, whole, over ${KILLS} kills`, { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plugbay-crash-'));
  let child = await serve(folder);
  try {
    const token = (await readFile(join(folder, 'token'), 'utf8')).trim();
    const app = await send<AppRecord>(child, token, 'POST', '/apps', { name: 'Shop' });
    const points = `/apps/${app.id}/extension-points`;
    const schema = 'version: v0\nexports: [run]\n';
    const { id } = await send<ExtensionPointRecord>(child, token, 'POST', points, {
      name: 'Checkout',
      schema,
    });
    const path = `/extension-points/${id}/bindings/acme`;

    // What was acknowledged, and what may have happened beside it.
    const known = new Map<string, string>();
    let attempt: { name: string; address: string } | undefined;
    let pushing: string | undefined;
    let answers = 0;
    let made = 0;

    async function work(answered: () => void): Promise<never> {
      for (;;) {
        made++;
        const bytes = await wat(`(module (func (export "run") (result i32) i32.const ${made}))`);
        const name = `name-${made % 3}`;
        pushing = contentAddress(bytes);
        const { version } = await send<ArtifactRecord>(
          child,
          token,
          'PUT',
          `/artifacts/${id}/plugin/~/${name}`,
          bytes,
        );
        pushing = undefined;
        answered();
        attempt = { name, address: version.contentAddress };
        await send(child, token, 'PUT', path, { [name]: version });
        known.set(name, attempt.address);
        attempt = undefined;
        answered();
      }
    }

    async function check(): Promise<void> {
      const anything = known.size > 0 || attempt !== undefined;
      const bound = anything ? await readBindings() : {};
      for (const [name, { contentAddress: address }] of Object.entries(bound)) {
        expect([known.get(name), attempt?.name === name ? attempt.address : undefined]).toContain(address);
        const bytes = await send<Uint8Array>(child, token, 'GET', `/c/${address}`, undefined);
        expect(contentAddress(bytes)).toBe(address);
        known.set(name, address);
      }
      expect(Object.keys(bound).sort()).toEqual([...known.keys()].sort());
      attempt = undefined;
      if (pushing !== undefined) await checkPush(pushing);
      pushing = undefined;
    }

    // A push that was not answered is there, and then it can be bound and its bytes are whole, or it is not.
    async function checkPush(address: string): Promise<void> {
      const bound = await send(child, token, 'PUT', path, { probe: { contentAddress: address } }).then(
        () => true,
        (error: Error) => {
          expect(error.message).toContain(': 404 ');
          return false;
        },
      );
      if (!bound) return;
      const bytes = await send<Uint8Array>(child, token, 'GET', `/c/${address}`, undefined);
      expect(contentAddress(bytes)).toBe(address);
      known.set('probe', address);
    }

    // Before the first binding is made, the guest is not known.
    async function readBindings(): Promise<BindingsRecord> {
      if (known.size > 0) return await send<BindingsRecord>(child, token, 'GET', path, undefined);
      return await send<BindingsRecord>(child, token, 'PUT', path, {});
    }

    for (let round = 0; round < KILLS; round++) {
      const killAt = answers + 1 + (round % 4);
      const reached = Promise.withResolvers<void>();
      const working = work(() => {
        answers++;
        if (answers >= killAt) reached.resolve();
      }).catch((error: unknown) => error);
      await Promise.race([reached.promise, working]);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LATEST_KILL_MS));
      await kill(child);
      // Only the connection may have failed: no request was answered with an error.
      expect(String(await working)).toMatch(/fetch failed|terminated|other side closed/);
      child = await serve(folder);
      await check();
    }
    expect([...known.keys()]).toEqual(expect.arrayContaining(['name-0', 'name-1', 'name-2']));
  } finally {
    await kill(child);
    await rm(folder, { recursive: true });
  }
});
