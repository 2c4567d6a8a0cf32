// Hammers: many writers at once leave what some order of them would have left.
import { type BindingsRecord, contentAddress } from '@plugbay/core';
import { startTestServer, wat } from '@plugbay/testing';
import { expect, it } from 'vitest';

const WRITERS = 200;

const plugin = (answer: number) => wat(`(module (func (export "run") (result i32) i32.const ${answer}))`);

it('200 pushes and binds at once leave one whole map, each change later than the last', {
  timeout: 120_000,
}, async () => {
  await using server = await startTestServer();
  const { id } = await server.point();
  const modules = await Promise.all(Array.from({ length: 20 }, (_, answer) => plugin(answer)));
  const path = `/extension-points/${id}/bindings/acme`;

  const answers = await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const bytes = modules[writer % modules.length]!;
      const pushed = await server.push(id, `artifact-${writer % 7}`, bytes);
      // Every writer binds a name of its own, and one of ten that it shares.
      const body = { [`own-${writer}`]: pushed.body.version, [`shared-${writer % 10}`]: pushed.body.version };
      const bound = await server.api<BindingsRecord>('PUT', path, body);
      expect(bound.body[`own-${writer}`]?.contentAddress).toBe(contentAddress(bytes));
      return [pushed.status, bound.status];
    }),
  );
  expect(answers.flat().every((status) => status === 200 || status === 201)).toBe(true);

  const { body } = await server.api<BindingsRecord>('GET', path);
  const names = Object.keys(body);
  expect(names.filter((name) => name.startsWith('own-'))).toHaveLength(WRITERS);
  expect(names.filter((name) => name.startsWith('shared-'))).toHaveLength(10);
  const times = Object.values(body).map(({ updatedAt }) => updatedAt);
  expect(new Set(times).size).toBe(times.length);
  for (const [name, { contentAddress: address }] of Object.entries(body)) {
    const of = Number(name.split('-')[1]);
    const expected = name.startsWith('own-')
      ? [modules[of % 20]!]
      : modules.filter((_, index) => index % 10 === of);
    expect(expected.map(contentAddress)).toContain(address);
  }
});

it('the same bytes pushed by many at once are one version', { timeout: 120_000 }, async () => {
  await using server = await startTestServer();
  const { id } = await server.point();
  const bytes = await plugin(1);
  const pushes = await Promise.all(Array.from({ length: 50 }, () => server.push(id, 'one', bytes)));
  expect(new Set(pushes.map(({ body }) => body.version.id)).size).toBe(1);
  expect(pushes.filter(({ status }) => status === 201)).toHaveLength(1);
});

it('one name is given to one of many who want it at once', async () => {
  await using server = await startTestServer();
  const { appId, schemaYaml: schema } = await server.point();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      server.api('POST', `/apps/${appId}/extension-points`, { name: 'One', schema }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
});
