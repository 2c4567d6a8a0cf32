// Bindings: how names come to versions, and when they change.
import { type BindingsRecord, contentAddress, systemClock } from '@plugbay/core';
import { FakeClock, startTestServer, type TestServer, wat } from '@plugbay/testing';
import { expect, it } from 'vitest';
import { BINDINGS_PER_GUEST_MAX } from '../limits.ts';

const plugin = (answer: number) =>
  wat(`(module
    (import "extism:host/env" "output_set" (func (param i64 i64)))
    (func (export "run") (result i32) i32.const ${answer}))`);

async function pushed(server: TestServer, pointId: string, name: string, answer: number) {
  const { body } = await server.push(pointId, name, await plugin(answer));
  return body.version;
}

it('gives every changed binding a later time than all before it, on a clock that stands still', async () => {
  await using server = await startTestServer({ clock: new FakeClock() });
  const { id } = await server.point();
  const one = await pushed(server, id, 'one', 1);
  const two = await pushed(server, id, 'two', 2);
  const path = `/extension-points/${id}/bindings/acme`;
  const first = await server.api<BindingsRecord>('PUT', path, { a: one, b: two });
  expect([first.body.a?.updatedAt, first.body.b?.updatedAt]).toEqual([
    '2026-01-01T00:00:00.000Z',
    '2026-01-01T00:00:00.001Z',
  ]);

  const same = await server.api<BindingsRecord>('PUT', path, { a: one });
  expect(same.body).toEqual(first.body);

  const rollback = await server.api<BindingsRecord>('PUT', path, { a: two });
  expect(rollback.body.a).toEqual({
    id: two.id,
    contentAddress: two.contentAddress,
    updatedAt: '2026-01-01T00:00:00.002Z',
  });
  expect(rollback.body.b).toEqual(first.body.b);

  // Time does not go back when the newest binding goes away.
  await server.api('DELETE', `${path}/a`);
  const again = await server.api<BindingsRecord>('PUT', path, { a: two });
  expect(again.body.a?.updatedAt).toBe('2026-01-01T00:00:00.004Z');
});

it('makes no binding older than the one before, on a clock that goes back', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  await using server = await startTestServer({ clock: { ...systemClock, now: () => now } });
  const { id } = await server.point();
  const one = await pushed(server, id, 'one', 1);
  const path = `/extension-points/${id}/bindings/acme`;
  await server.api('PUT', path, { a: one });
  now -= 86_400_000;
  const { body } = await server.api<BindingsRecord>('PUT', path, { b: one });
  expect(body.b?.updatedAt).toBe('2026-01-01T00:00:00.001Z');
});

it('binds all names of a request or none', async () => {
  await using server = await startTestServer();
  const { id } = await server.point();
  const one = await pushed(server, id, 'one', 1);
  const path = `/extension-points/${id}/bindings/acme`;
  const before = await server.api('PUT', path, { a: one });
  const unknown = contentAddress(await plugin(9));
  const refused = await server.api('PUT', path, { b: one, c: { contentAddress: unknown } });
  expect(refused).toMatchObject({
    status: 404,
    body: {
      code: 'not_found',
      detail: `cannot bind "c": no artifact of this extension point that you may bind has the content ${unknown}`,
    },
  });
  expect((await server.api('GET', path)).body).toEqual(before.body);
});

it('takes the artifact of the same name where several have the same bytes, or else the newest', async () => {
  await using server = await startTestServer();
  const { id } = await server.point();
  const old = await pushed(server, id, 'old', 1);
  const fresh = await pushed(server, id, 'fresh', 1);
  const path = `/extension-points/${id}/bindings/acme`;
  const { contentAddress } = old;
  const { body } = await server.api<BindingsRecord>('PUT', path, {
    old: { contentAddress },
    other: { contentAddress },
  });
  expect(body.old?.id).toBe(old.id);
  expect(body.other?.id).toBe(fresh.id);
});

it('does not bind content of another extension point', async () => {
  await using server = await startTestServer();
  const mine = await server.point();
  const other = await server.point();
  const one = await pushed(server, other.id, 'one', 1);
  expect((await server.api('PUT', `/extension-points/${mine.id}/bindings/acme`, { a: one })).status).toBe(
    404,
  );
});

it('takes names as odd as objects have them', async () => {
  await using server = await startTestServer();
  const { id } = await server.point();
  const one = await pushed(server, id, 'one', 1);
  const path = `/extension-points/${id}/bindings/acme`;
  const names = ['__proto__', 'constructor', 'on email', 'ß ✓', '%41', '?#'];
  const body = Object.fromEntries(names.map((name) => [name, one]));
  expect((await server.api('PUT', path, body)).status).toBe(200);
  expect(Object.keys((await server.api<object>('GET', path)).body).sort()).toEqual([...names].sort());
  for (const name of names) {
    expect((await server.api('DELETE', `${path}/${encodeURIComponent(name)}`)).status).toBe(204);
  }
  expect((await server.api('GET', path)).body).toEqual({});
});

it('bounds the names of a guest', async () => {
  await using server = await startTestServer();
  const { id } = await server.point();
  const one = await pushed(server, id, 'one', 1);
  const path = `/extension-points/${id}/bindings/acme`;
  const many = Object.fromEntries(
    Array.from({ length: BINDINGS_PER_GUEST_MAX }, (_, index) => [`n${index}`, one]),
  );
  expect((await server.api('PUT', path, many)).status).toBe(200);
  expect(await server.api('PUT', path, { more: one })).toMatchObject({
    status: 413,
    body: {
      code: 'limit',
      detail: `a guest binds at most ${BINDINGS_PER_GUEST_MAX} names at an extension point`,
    },
  });
});

it.each([
  ['a list', []],
  ['a binding that is text', { a: 'address' }],
  ['a binding without an address', { a: {} }],
  ['an address that is a number', { a: { contentAddress: 1 } }],
  ['an address of another form', { a: { contentAddress: 'abc' } }],
  ['a name with a slash', { 'a/b': { contentAddress: 'A'.repeat(43) } }],
  ['a name with a line break', { 'a\nb': { contentAddress: 1 } }],
])('refuses %s', async (_what, body) => {
  await using server = await startTestServer();
  const { id } = await server.point();
  const answer = await server.api('PUT', `/extension-points/${id}/bindings/acme`, body);
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid' } });
});

it('knows a guest who was invited, and one who was ever bound', async () => {
  await using server = await startTestServer();
  const { id, appId } = await server.point();
  const path = `/extension-points/${id}/bindings`;
  expect((await server.api('GET', `${path}/invited`)).status).toBe(404);
  await server.api('POST', `/apps/${appId}/guests`, { guestKey: 'invited', deliveryMethod: 'link' });
  expect(await server.api('GET', `${path}/invited`)).toMatchObject({ status: 200, body: {} });
});
