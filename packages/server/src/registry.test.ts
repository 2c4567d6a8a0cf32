// The registry's main job over raw HTTP, from an empty folder to a guest's plugin.
import { contentAddress, type AppRecord, type BindingsRecord, type ExtensionPointRecord, type PageRecord } from '@plugbay/core';
import { startTestServer, wat } from '@plugbay/testing';
import { expect, it } from 'vitest';

const SCHEMA = `version: v1-draft
exports:
  discount:
    input: { type: object, contentType: application/json }
    output: { type: object, contentType: application/json }
`;

it('takes a plugin from a push to the guest that it is bound to', async () => {
  await using server = await startTestServer();
  const bytes = await wat(`(module
    (import "extism:host/env" "output_set" (func (param i64 i64)))
    (func (export "discount") (result i32) i32.const 0))`);

  const app = await server.api<AppRecord>('POST', '/apps', { name: 'Shop' });
  expect(app.status).toBe(201);
  expect(app.body).toEqual({
    id: expect.stringMatching(/^app_[0-9a-z]{26}$/),
    name: 'Shop',
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    updatedAt: app.body.createdAt,
  });
  expect((await server.api<PageRecord<AppRecord>>('GET', '/apps')).body).toEqual({
    objects: [app.body],
    total: 1,
    perPage: 1,
  });

  const point = await server.api<ExtensionPointRecord>('POST', `/apps/${app.body.id}/extension-points`, {
    name: 'Checkout',
    schema: SCHEMA,
  });
  console.log(point.body);
  expect(point.status).toBe(201);
  const pushed = await server.push(point.body.id, 'ten-percent', bytes);
  console.log(pushed.body);
  const put = await server.api<BindingsRecord>('PUT', `/extension-points/${point.body.id}/bindings/acme`, { default: { contentAddress: contentAddress(bytes) } });
  console.log(put.body);
  const got = await server.api<BindingsRecord>('GET', `/extension-points/${point.body.id}/bindings/acme`);
  expect(got.body).toEqual(put.body);
  const c = await server.api<Uint8Array>('GET', `/c/${contentAddress(bytes)}`);
  console.log(c.headers, c.body);
  console.log((await server.api('DELETE', `/extension-points/${point.body.id}/bindings/acme/default`)).status);
  console.log((await server.api('GET', `/extension-points/${point.body.id}/bindings/acme`)));
  console.log((await server.api('GET', `/extension-points/${point.body.id}/bindings/other`)));
});
