// The registry's main job over raw HTTP: from an empty folder to the bytes behind a guest's binding.
import { stat } from 'node:fs/promises';
import {
  type AppRecord,
  type ArtifactRecord,
  type BindingsRecord,
  contentAddress,
  type ExtensionPointRecord,
  type PageRecord,
} from '@plugbay/core';
import { startTestServer, wat } from '@plugbay/testing';
import { expect, it } from 'vitest';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const plugin = (answer: number) =>
  wat(`(module
    (import "extism:host/env" "output_set" (func (param i64 i64)))
    (func (export "run") (result i32) i32.const ${answer}))`);

it('brings a pushed plugin to the guest that it is bound to', async () => {
  await using server = await startTestServer();
  const bytes = await plugin(0);
  const address = contentAddress(bytes);

  const app = await server.api<AppRecord>('POST', '/apps', { id: 'app_mine', name: 'Shop' });
  expect(app.status).toBe(201);
  expect(app.body).toEqual({
    id: expect.stringMatching(/^app_[0-9a-z]{26}$/),
    name: 'Shop',
    createdAt: expect.stringMatching(TIME),
    updatedAt: app.body.createdAt,
  });
  const apps = await server.api<PageRecord<AppRecord>>('GET', '/apps');
  expect(apps.body).toEqual({ objects: [app.body], total: 1, perPage: 1 });

  const points = `/apps/${app.body.id}/extension-points`;
  const schema = 'version: v0\nexports: [run] # just one\n';
  const point = await server.api<ExtensionPointRecord & { warnings: [] }>('POST', points, {
    name: 'Checkout',
    schema,
  });
  expect(point.status).toBe(201);
  expect(point.body).toEqual({
    id: expect.stringMatching(/^ext_[0-9a-z]{26}$/),
    name: 'Checkout',
    appId: app.body.id,
    schema: { version: 'v0', exports: { run: {} } },
    schemaYaml: schema,
    createdAt: expect.stringMatching(TIME),
    updatedAt: point.body.createdAt,
    warnings: [],
  });
  const { warnings: _none, ...kept } = point.body;
  const { id } = kept;
  expect((await server.api(`GET`, `/extension-points/${id}`)).body).toEqual(kept);
  expect((await server.api('GET', points)).body).toEqual({ objects: [kept], total: 1, perPage: 1 });

  const pushed = await server.push(id, 'ten percent', bytes);
  expect(pushed.status).toBe(201);
  expect(pushed.body).toEqual({
    id: `${id}/plugin/${server.server.operator.userId}/ten percent`,
    extensionPointId: id,
    name: 'ten percent',
    createdAt: expect.stringMatching(TIME),
    updatedAt: pushed.body.createdAt,
    version: {
      id: expect.stringMatching(/^ver_[0-9a-z]{26}$/),
      contentAddress: address,
      createdAt: pushed.body.createdAt,
    },
  });

  const bindings = `/extension-points/${id}/bindings/acme`;
  const bound = await server.api<BindingsRecord>('PUT', bindings, {
    default: { id: 'ver_mine', contentAddress: address, updatedAt: '1970-01-01T00:00:00.000Z' },
  });
  expect(bound.status).toBe(200);
  expect(bound.body).toEqual({
    default: {
      id: pushed.body.version.id,
      contentAddress: address,
      updatedAt: expect.stringMatching(/^2\d{3}-/),
    },
  });
  const read = await server.api('GET', bindings);
  expect(read.body).toEqual(bound.body);
  expect(read.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(read.headers.get('cache-control')).toBe('no-store');

  const content = await server.api<Uint8Array>('GET', `/c/${address}`);
  expect(content.status).toBe(200);
  expect(content.body).toEqual(new Uint8Array(bytes));
  expect(content.headers.get('content-type')).toBe('application/wasm');
  expect(content.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
  expect(content.headers.get('etag')).toBe(`"${address}"`);
  expect(content.headers.get('x-content-type-options')).toBe('nosniff');
  expect(content.headers.get('server')).toBeNull();

  expect((await server.api('DELETE', `${bindings}/default`)).status).toBe(204);
  expect((await server.api('GET', bindings)).body).toEqual({});
});

it('keeps everything across a restart, and shows the first token only once', async () => {
  await using first = await startTestServer();
  const point = await first.point();
  const bytes = await plugin(1);
  await first.push(point.id, 'one', bytes);
  const path = `/extension-points/${point.id}/bindings/acme`;
  const bound = await first.api('PUT', path, { one: { contentAddress: contentAddress(bytes) } });
  const { tokenFile, userId, token } = first.server.operator;
  expect(token).toBe(first.token);
  expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
  await first.server.close();

  await using second = await startTestServer({ dataDir: first.server.dataDir });
  expect(second.server.operator).toEqual({ userId, tokenFile, hasTokenFile: true });
  expect((await second.api('GET', path)).body).toEqual(bound.body);
  expect((await second.api('GET', `/c/${contentAddress(bytes)}`)).body).toEqual(new Uint8Array(bytes));
});

it('answers a push of the same bytes with the version that is there', async () => {
  await using server = await startTestServer();
  const point = await server.point();
  const first = await server.push(point.id, 'one', await plugin(1));
  const second = await server.push(point.id, 'one', await plugin(2));
  const again = await server.push(point.id, 'one', await plugin(1));
  expect([first.status, second.status, again.status]).toEqual([201, 201, 200]);
  expect(again.body.version).toEqual(first.body.version);
  expect(again.body.updatedAt).toBe(second.body.updatedAt);
  expect(second.body.version.id).not.toBe(first.body.version.id);
});

it('takes the module alone as the body of a push, and the id of the user as its owner', async () => {
  await using server = await startTestServer();
  const point = await server.point();
  const owner = server.server.operator.userId;
  for (const type of ['application/wasm', 'application/octet-stream']) {
    const response = await fetch(
      `${server.url}/api/v1/artifacts/${point.id}/plugin/${owner}/${type.slice(12)}`,
      {
        method: 'PUT',
        headers: { authorization: `Bearer ${server.token}`, 'content-type': type },
        body: Buffer.from(await plugin(1)),
      },
    );
    expect(response.status).toBe(201);
    expect(((await response.json()) as ArtifactRecord).version.contentAddress).toBe(
      contentAddress(await plugin(1)),
    );
  }
});

it('takes a schema as an object too', async () => {
  await using server = await startTestServer();
  const { appId } = await server.point();
  const schema = { version: 'v1-draft', exports: { run: {} }, imports: { log: {} } };
  const point = await server.api<ExtensionPointRecord>('POST', `/apps/${appId}/extension-points`, {
    name: 'Second',
    schema,
  });
  expect(point.body.schema).toEqual(schema);
  expect(JSON.parse(point.body.schemaYaml)).toEqual(schema);
});

it('takes names as odd as XTP clients have them, each once', async () => {
  await using server = await startTestServer();
  const { appId, schemaYaml: schema } = await server.point();
  const path = `/apps/${appId}/extension-points`;
  const names = ['on email', 'toString', '__proto__', 'a/b', 'ß ✓ 注文', 'x'.repeat(100)];
  for (const name of names) expect((await server.api('POST', path, { name, schema })).status).toBe(201);
  const listed = await server.api<PageRecord<ExtensionPointRecord>>('GET', path);
  expect(listed.body.objects.map(({ name }) => name)).toEqual(['Checkout', ...names]);
  expect(await server.api('POST', path, { name: '__proto__', schema })).toMatchObject({
    status: 409,
    body: { code: 'conflict', detail: 'the app has an extension point "__proto__" already' },
  });
  for (const name of ['', ' ', 'x'.repeat(101), 'a\nb', '\ud800']) {
    expect((await server.api('POST', path, { name, schema })).status).toBe(400);
  }
});

it('makes and revokes tokens of the user who asks', async () => {
  await using server = await startTestServer();
  const made = await server.api<{ id: string; token: string }>('POST', '/tokens', { name: 'ci' });
  expect(made.status).toBe(201);
  expect(made.body).toEqual({
    id: expect.stringMatching(/^tok_[0-9a-z]{26}$/),
    name: 'ci',
    userId: server.server.operator.userId,
    token: expect.stringMatching(/^xtp0_[A-Za-z0-9_-]{53}$/),
    createdAt: expect.stringMatching(TIME),
  });
  expect((await server.as(made.body.token)('GET', '/apps')).status).toBe(200);
  expect((await server.api('DELETE', `/tokens/${made.body.id}`)).status).toBe(204);
  expect((await server.as(made.body.token)('GET', '/apps')).status).toBe(401);
  expect((await server.api('DELETE', `/tokens/${made.body.id}`)).body.detail).toBe(
    `there is no token ${made.body.id}`,
  );
});

it('says that it is up and ready, to anybody', async () => {
  await using server = await startTestServer();
  for (const path of ['/healthz', '/readyz']) {
    const response = await fetch(`${server.url}${path}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  }
});

it('says what a new extension point’s author may want to correct', async () => {
  await using server = await startTestServer();
  const { appId, ...point } = await server.point();
  expect(point).toMatchObject({ warnings: [] });
  const schema = [
    'version: v1-draft',
    'exports:',
    '  run:',
    '    input:',
    '      contentType: text/plain; charset=utf-8',
    '      type: integer',
    '',
  ].join('\n');
  const { status, body } = await server.api<{ id: string; warnings: unknown }>(
    'POST',
    `/apps/${appId}/extension-points`,
    { name: 'Warned', schema },
  );
  expect([status, body.warnings]).toEqual([
    201,
    [
      {
        path: '#/exports/run/input',
        message: 'travels as text, so its type has no effect',
        line: 4,
        column: 5,
      },
    ],
  ]);
  expect((await server.api('GET', `/extension-points/${body.id}`)).body).not.toHaveProperty('warnings');
});
