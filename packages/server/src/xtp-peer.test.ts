// The real XTP client of Dylibso, pinned, against our server: what it asks for is what it gets.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InviteRecord } from '@plugbay/core';
import { startTestServer, type TestServer, wat } from '@plugbay/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

// Counts the bytes of its input that `test` says yes to, and answers {"count":n} with one digit.
const counter = (test: string) =>
  wat(`(module
    (import "extism:host/env" "input_length" (func $length (result i64)))
    (import "extism:host/env" "input_load_u8" (func $input (param i64) (result i32)))
    (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
    (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
    (import "extism:host/env" "output_set" (func $output (param i64 i64)))
    (memory 1)
    (data (i32.const 0) "{\\"count\\":0}")
    (func $counts (param $byte i32) (result i32) ${test})
    (func (export "count") (result i32)
      (local $at i64) (local $count i32) (local $answer i64)
      (block $end (loop $next
        (br_if $end (i64.ge_u (local.get $at) (call $length)))
        (local.set $count (i32.add (local.get $count) (call $counts (call $input (local.get $at)))))
        (local.set $at (i64.add (local.get $at) (i64.const 1)))
        (br $next)))
      (i32.store8 (i32.const 9) (i32.add (i32.const 48) (local.get $count)))
      (local.set $answer (call $alloc (i64.const 11)))
      (local.set $at (i64.const 0))
      (loop $copy
        (call $store (i64.add (local.get $answer) (local.get $at)) (i32.load8_u (i32.wrap_i64 (local.get $at))))
        (local.set $at (i64.add (local.get $at) (i64.const 1)))
        (br_if $copy (i64.lt_u (local.get $at) (i64.const 11))))
      (call $output (local.get $answer) (i64.const 11))
      i32.const 0))`);

const VOWELS_A_AND_E =
  '(i32.or (i32.eq (local.get $byte) (i32.const 97)) (i32.eq (local.get $byte) (i32.const 101)))';
const EVERY_BYTE = '(i32.const 1)';

let cache: string;
let server: TestServer;
let peer: typeof import('@dylibso/xtp');

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'plugbay-xtp-'));
  // The client reads it when it is imported, and keeps bindings of every server in one folder.
  process.env.XTP_PLUGIN_CACHE_DIR = cache;
  peer = await import('@dylibso/xtp');
  server = await startTestServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(cache, { recursive: true });
});

/** The client's own storage, and a promise of all that it writes: the client does not wait for that itself. */
function awaitedStorage() {
  const storage = new peer.Platform.FilesystemStorage();
  const writes: Promise<unknown>[] = [];
  const storeArtifactContent = storage.storeArtifactContent.bind(storage);
  storage.storeArtifactContent = (...parameters) => {
    const write = storeArtifactContent(...parameters);
    writes.push(Promise.resolve(write));
    return write;
  };
  return { storage, written: () => Promise.all(writes) };
}

it('lists, calls by name and without one, invites and closes', async () => {
  const point = await server.point('version: v0\nexports: [count]\n');
  const vowels = await server.push(point.id, 'vowels', await counter(VOWELS_A_AND_E));
  const bytes = await server.push(point.id, 'bytes', await counter(EVERY_BYTE));
  const path = `/extension-points/${point.id}/bindings/eu/acme%20inc`;
  await server.api('PUT', path, { bytes: bytes.body.version });
  await server.api('PUT', path, { vowels: vowels.body.version });

  const { storage, written } = awaitedStorage();
  const client = await peer.default({
    baseUrl: `${server.url}/some/path`,
    token: server.token,
    appId: point.appId,
    storage,
    // Longer than any call here, and never a second lookup that a slow machine would cause.
    keepResidentMs: 60_000,
    refetchAfterMs: 0,
  });
  try {
    const { Checkout } = client.extensionPoints;
    const count = (bindingName?: string) =>
      Checkout!.count!('eu/acme inc', 'a penny', {
        default: { count: -1 },
        ...(bindingName === undefined ? {} : { bindingName }),
      });
    expect((await client.listAvailablePlugins('Checkout', 'eu/acme inc')).sort()).toEqual([
      'bytes',
      'vowels',
    ]);
    expect(await count('bytes')).toEqual({ count: 7 });
    expect(await count('vowels')).toEqual({ count: 2 });
    // Without a name it takes the binding that was changed last.
    expect(await count()).toEqual({ count: 2 });
    expect(await count('absent')).toEqual({ count: -1 });
    expect(await client.listAvailablePlugins('Checkout', 'nobody')).toEqual([]);

    const invite = (await client.inviteGuest({
      guestKey: 'acme',
      deliveryMethod: 'link',
      name: 'Acme',
    })) as InviteRecord;
    expect(invite).toEqual({
      status: 'ok',
      link: expect.stringContaining(`${server.url}/accept-invite?code=`),
    });
    await expect(client.inviteGuest({ guestKey: 'acme', deliveryMethod: 'email' })).rejects.toThrow(
      'bad request',
    );
  } finally {
    await client.close();
    await written();
  }
});

it('finds every extension point, however it is called', async () => {
  const point = await server.point('version: v0\nexports: [count]\n');
  const names = ['on email', 'toString', '__proto__', 'xtp-ci'];
  for (const name of names) {
    const body = { name, schema: point.schemaYaml };
    expect((await server.api('POST', `/apps/${point.appId}/extension-points`, body)).status).toBe(201);
  }
  const client = await peer.default({ baseUrl: server.url, token: server.token, appId: point.appId });
  expect(Object.getOwnPropertyNames(client.extensionPoints)).toEqual(['Checkout', ...names]);
  await client.close();
});

it('is told in its own way that a token is wrong', async () => {
  const { appId } = await server.point();
  const token = `xtp0_${'a'.repeat(53)}`;
  await expect(peer.default({ baseUrl: server.url, token, appId })).rejects.toThrow(
    'objects is not iterable',
  );
});
