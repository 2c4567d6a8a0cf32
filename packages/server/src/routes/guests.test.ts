// Guests: how they are invited and accept, and what their token may do.
import {
  type AppRecord,
  type ArtifactRecord,
  contentAddress,
  type InviteRecord,
  type PageRecord,
  type ProblemRecord,
  type TokenRecord,
} from '@plugbay/core';
import { FakeClock, startTestServer, type TestServer, wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { INVITE_VALID_MS } from '../limits.ts';

const plugin = (answer: number) => wat(`(module (func (export "run") (result i32) i32.const ${answer}))`);

async function invited(server: TestServer, appId: string, guest: object): Promise<URL> {
  const { status, body } = await server.api<InviteRecord>('POST', `/apps/${appId}/guests`, guest);
  expect(status).toBe(200);
  expect(body).toEqual({ status: 'ok', link: expect.any(String) });
  return new URL(body.link);
}

const accept = (server: TestServer, code: string) =>
  fetch(`${server.url}/accept-invite`, { method: 'POST', body: new URLSearchParams({ code }) });

/** A guest's token, as the guest gets it: by opening the link and pressing the button. */
async function tokenOf(server: TestServer, appId: string, guestKey: string): Promise<string> {
  const link = await invited(server, appId, { guestKey, deliveryMethod: 'link' });
  const page = await (await fetch(link)).text();
  const code = /name="code" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const welcome = await (await accept(server, code)).text();
  return /<code>(xtp0_[A-Za-z0-9_-]{53})<\/code>/.exec(welcome)?.[1] ?? '';
}

describe('an invitation', () => {
  it('is a link on the server that was asked, to a page without scripts', async () => {
    await using server = await startTestServer();
    const { appId } = await server.point();
    const link = await invited(server, appId, {
      guestKey: 'acme',
      email: 'a@example.com',
      name: 'A',
      deliveryMethod: 'link',
    });
    expect(link.origin).toBe(server.url);
    expect(link.pathname).toBe('/accept-invite');
    expect(link.searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]{53}$/);

    const page = await fetch(link);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await page.text()).toContain('<strong>acme</strong>');
  });

  it('shows the names that others chose as text', async () => {
    await using server = await startTestServer();
    const app = await server.api<AppRecord>('POST', '/apps', { name: `<img src=x onerror=alert(1)>"'&` });
    const page = await (await fetch(await invited(server, app.body.id, { guestKey: '<b>acme</b>' }))).text();
    expect(page).not.toContain('<img');
    expect(page).not.toContain('<b>');
    expect(page).toContain('&#60;img src=x onerror=alert(1)&#62;&#34;&#39;&#38;');
    expect(page).toContain('<strong>&#60;b&#62;acme&#60;/b&#62;</strong>');
  });

  it('is accepted once; opening it changes nothing', async () => {
    await using server = await startTestServer();
    const { appId } = await server.point();
    const link = await invited(server, appId, { guestKey: 'acme' });
    const code = link.searchParams.get('code') ?? '';
    expect((await fetch(link)).status).toBe(200);
    expect((await fetch(link)).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 5 }, () => accept(server, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404]);
    const late = await fetch(link);
    expect(late.status).toBe(404);
    expect(await late.json()).toMatchObject({
      code: 'not_found',
      detail: 'this invitation is unknown, was used, or is no longer valid',
      hint: 'Ask whoever invited you for a new link.',
    });
    const again = await server.api('POST', `/apps/${appId}/guests/invite`, { guestKey: 'acme' });
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'conflict', detail: 'guest "acme" has accepted an invitation already' },
    });
  });

  it('made again voids the one before', async () => {
    await using server = await startTestServer();
    const { appId } = await server.point();
    const first = await invited(server, appId, { guestKey: 'acme' });
    const second = await invited(server, appId, { guestKey: 'acme' });
    expect((await fetch(first)).status).toBe(404);
    expect((await fetch(second)).status).toBe(200);
  });

  it('ends after seven days', async () => {
    const clock = new FakeClock();
    await using server = await startTestServer({ clock });
    const { appId } = await server.point();
    const link = await invited(server, appId, { guestKey: 'acme' });
    clock.advance(INVITE_VALID_MS - 1);
    expect((await fetch(link)).status).toBe(200);
    clock.advance(1);
    expect((await fetch(link)).status).toBe(404);
    expect((await accept(server, link.searchParams.get('code') ?? '')).status).toBe(404);
    clock.advance(1);
    expect((await fetch(await invited(server, appId, { guestKey: 'acme' }))).status).toBe(200);
  });

  it('by e-mail is not offered', async () => {
    await using server = await startTestServer();
    const { appId } = await server.point();
    const guest = { guestKey: 'acme', email: 'a@example.com', deliveryMethod: 'email' };
    expect(await server.api('POST', `/apps/${appId}/guests`, guest)).toMatchObject({
      status: 422,
      body: {
        code: 'unsupported',
        detail: 'this server sends no e-mail',
        hint: 'Invite with deliveryMethod "link" and send the link yourself.',
      },
    });
  });

  it.each([
    ['no guest key', {}],
    ['a guest key that a path cannot carry', { guestKey: 'a?b' }],
    ['a delivery that nobody knows', { guestKey: 'a', deliveryMethod: 'pigeon' }],
    ['an e-mail address that is too long', { guestKey: 'a', email: 'x'.repeat(255) }],
  ])('with %s is refused', async (_what, guest) => {
    await using server = await startTestServer();
    const { appId } = await server.point();
    expect((await server.api('POST', `/apps/${appId}/guests`, guest)).status).toBe(400);
  });

  it('without a code is refused', async () => {
    await using server = await startTestServer();
    expect((await fetch(`${server.url}/accept-invite`)).status).toBe(400);
    expect((await fetch(`${server.url}/accept-invite?code=${'a'.repeat(53)}`)).status).toBe(404);
    const twice = await fetch(`${server.url}/accept-invite?code=a&code=b`);
    expect(twice.status).toBe(400);
  });
});

describe('a guest', () => {
  it('pushes, binds and unbinds for their own key', async () => {
    await using server = await startTestServer();
    const { id, appId } = await server.point();
    const guest = server.as(await tokenOf(server, appId, 'acme'));
    expect((await guest<PageRecord<AppRecord>>('GET', '/apps')).body.total).toBe(1);
    expect((await guest('GET', `/apps/${appId}/extension-points`)).status).toBe(200);
    expect((await guest('GET', `/extension-points/${id}`)).status).toBe(200);
    const { body: user } = await guest<{ userId: string; token: string }>('POST', '/tokens', { name: 'ci' });
    const pushed = await push(server, user.token, id, user.userId, await plugin(1));
    expect(pushed.status).toBe(201);
    const { version } = pushed.body as ArtifactRecord;
    const path = `/extension-points/${id}/bindings/acme`;
    expect(await guest('GET', path)).toMatchObject({ status: 200, body: {} });
    expect((await guest('PUT', path, { one: version })).status).toBe(200);
    expect((await guest('GET', `/c/${version.contentAddress}`)).status).toBe(200);
    expect((await guest('DELETE', `${path}/one`)).status).toBe(204);
  });

  it('binds what the owner bound for them, and not what others pushed', async () => {
    await using server = await startTestServer();
    const { id, appId } = await server.point();
    const guest = server.as(await tokenOf(server, appId, 'acme'));
    const ours = (await server.push(id, 'ours', await plugin(1))).body.version;
    const hidden = (await server.push(id, 'hidden', await plugin(2))).body.version;
    const path = `/extension-points/${id}/bindings/acme`;
    await server.api('PUT', path, { ours });

    expect((await guest('GET', `/c/${ours.contentAddress}`)).status).toBe(200);
    expect((await guest('GET', `/c/${hidden.contentAddress}`)).status).toBe(404);
    expect((await guest('PUT', path, { hidden })).status).toBe(404);
    // A client sends the whole map back; what is bound already stays.
    expect((await guest('PUT', path, { ours })).status).toBe(200);
    expect((await guest('PUT', path, { copy: ours })).status).toBe(404);
    await server.api('DELETE', `${path}/ours`);
    expect((await guest('GET', `/c/${ours.contentAddress}`)).status).toBe(404);
  });

  it('may do nothing else in the app, and sees no other one', async () => {
    await using server = await startTestServer();
    const mine = await server.point();
    const other = await server.point();
    const token = await tokenOf(server, mine.appId, 'acme');
    const guest = server.as(token);
    const ours = (await server.push(mine.id, 'ours', await plugin(1))).body.version;
    const theirs = (await server.push(other.id, 'theirs', await plugin(2))).body.version;
    await server.api('PUT', `/extension-points/${mine.id}/bindings/rival`, { ours });
    const schema = mine.schemaYaml;

    const denied = { status: 403, body: { code: 'denied' } };
    for (const key of ['rival', 'nobody', 'acme/sub']) {
      const path = `/extension-points/${mine.id}/bindings/${key}`;
      expect(await guest('GET', path)).toMatchObject(denied);
      expect(await guest('PUT', path, {})).toMatchObject(denied);
      expect(await guest('DELETE', `${path}/ours`)).toMatchObject(denied);
    }
    expect(await guest('POST', '/apps', { name: 'Mine' })).toMatchObject(denied);
    expect(await guest('POST', `/apps/${mine.appId}/guests`, { guestKey: 'friend' })).toMatchObject(denied);
    expect(await guest('POST', `/apps/${mine.appId}/extension-points`, { name: 'x', schema })).toMatchObject(
      denied,
    );
    const operator = server.server.operator.userId;
    expect(await push(server, token, mine.id, operator, await plugin(3))).toMatchObject({
      status: 403,
      body: { code: 'denied', detail: 'an artifact is pushed by its owner' },
    });

    const unseen = { status: 404, body: { code: 'not_found' } };
    expect(await guest('GET', `/apps/${other.appId}/extension-points`)).toMatchObject(unseen);
    expect(await guest('GET', `/extension-points/${other.id}`)).toMatchObject(unseen);
    expect(await guest('GET', `/extension-points/${other.id}/bindings/acme`)).toMatchObject(unseen);
    expect(await guest('PUT', `/extension-points/${other.id}/bindings/acme`, {})).toMatchObject(unseen);
    expect(await guest('GET', `/c/${theirs.contentAddress}`)).toMatchObject(unseen);
    expect(await guest('GET', `/c/${contentAddress(await plugin(9))}`)).toMatchObject(unseen);
    expect(await push(server, token, other.id, '~', await plugin(3))).toMatchObject(unseen);
  });

  it('of one key is not the guest of another app with the same key', async () => {
    await using server = await startTestServer();
    const mine = await server.point();
    const other = await server.point();
    await tokenOf(server, other.appId, 'acme');
    const guest = server.as(await tokenOf(server, mine.appId, 'acme'));
    const theirs = (await server.push(other.id, 'theirs', await plugin(2))).body.version;
    await server.api('PUT', `/extension-points/${other.id}/bindings/acme`, { theirs });
    expect((await guest('GET', `/c/${theirs.contentAddress}`)).status).toBe(404);
  });
});

async function push(
  server: TestServer,
  token: string,
  pointId: string,
  owner: string,
  bytes: Uint8Array,
): Promise<{ status: number; body: ArtifactRecord | ProblemRecord }> {
  const response = await fetch(`${server.url}/api/v1/artifacts/${pointId}/plugin/${owner}/one`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/wasm' },
    body: Buffer.from(bytes),
  });
  return { status: response.status, body: (await response.json()) as ArtifactRecord | ProblemRecord };
}

it('has invite links at the public URL, whatever the host of the request', async () => {
  await using server = await startTestServer({ publicUrl: 'https://plugins.example.com/' });
  const { appId } = await server.point();
  const link = await invited(server, appId, { guestKey: 'acme' });
  expect(link.href).toMatch(/^https:\/\/plugins\.example\.com\/accept-invite\?code=[A-Za-z0-9_-]{53}$/);
});

it('lists and revokes the tokens of the one who asks, and for the operator those of all', async () => {
  await using server = await startTestServer();
  const { appId } = await server.point();
  const guest = server.as(await tokenOf(server, appId, 'acme'));
  const { body: made } = await guest<TokenRecord>('POST', '/tokens', { name: 'ci' });
  const list = async (api: TestServer['api']) =>
    (await api<PageRecord<Omit<TokenRecord, 'token'>>>('GET', '/tokens')).body;

  const own = await list(guest);
  const { id, name, userId, createdAt } = made;
  expect(own).toEqual({
    objects: [expect.any(Object), { id, name, userId, createdAt }],
    total: 2,
    perPage: 2,
  });
  expect(own.objects.map((token) => token.userId)).toEqual([userId, userId]);
  const all = await list(server.api);
  expect(all.total).toBe(3);
  const first = all.objects.find((token) => token.userId === server.server.operator.userId);
  expect(all.objects.filter((token) => token !== first)).toEqual(own.objects);

  expect(await guest('DELETE', `/tokens/${first?.id}`)).toMatchObject({
    status: 404,
    body: {
      detail: `you have no token ${first?.id}`,
      hint: 'GET /api/v1/tokens lists the tokens that you may revoke, by their ids.',
    },
  });
  expect((await server.api('DELETE', `/tokens/${id}`)).status).toBe(204);
  expect((await server.as(made.token)('GET', '/apps')).status).toBe(401);
  expect((await list(guest)).total).toBe(1);
});
