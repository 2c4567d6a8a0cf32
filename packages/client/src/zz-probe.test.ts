import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, plugin, startFixture } from '../test/fixture.ts';
import { createClient } from './client.ts';
import { systemClock, type ExtensionPointRecord } from '@plugbay/core';
let fixture: Fixture;
beforeEach(async () => { fixture = await startFixture(); });
afterEach(() => fixture[Symbol.asyncDispose]());
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
const switchable = () => {
  const s: { answer?: (url: string, init?: RequestInit) => Promise<Response> | Response | undefined; fetch: typeof fetch } = {
    fetch: async (url, init) => (await s.answer?.(String(url), init)) ?? fetch(url, init),
  };
  return s;
};
const caught = (p: Promise<unknown>) => p.then((v) => ({ value: v }), (e) => ({ code: e.code, name: e.name, message: e.message, plugin: e.plugin, point: e.point, tenant: e.tenant }));
describe('probe', () => {
  it('P1 html 404', async () => {
    await fixture.bind('acme', 'main', 'one');
    const s = switchable();
    const { Main } = (await fixture.client({ fetch: s.fetch, refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    s.answer = (u) => u.includes('/bindings/') ? new Response('<html>404 no upstream', { status: 404 }) : undefined;
    console.log('P1', await caught(Main.version('acme')));
    s.answer = () => new Response('<html>404 no upstream', { status: 404 });
    console.log('P1b createClient', await caught(fixture.client({ fetch: s.fetch })));
  });
  it('P2 401 with foreign code', async () => {
    await fixture.bind('acme', 'main', 'one');
    const s = switchable();
    const { Main } = (await fixture.client({ fetch: s.fetch, refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    s.answer = () => new Response('{"code":"invalid"}', { status: 401 });
    console.log('P2 401', await caught(Main.version('acme')));
    s.answer = () => new Response('', { status: 403 });
    console.log('P2 403', await caught(Main.version('acme', undefined, { default: 'd' })));
  });
  it('P3 P4 nothing known with default', async () => {
    await fixture.bind('acme', 'main', 'one');
    const s = switchable();
    const { Main } = (await fixture.client({ fetch: s.fetch, refetchAfterMs: 0 })).extensionPoints;
    for (const [n, r] of [['html', () => new Response('<html>')], ['500', () => new Response('{"code":"internal"}', { status: 500 })], ['413', () => new Response('', { status: 400 })]] as const) {
      s.answer = r;
      console.log('P3', n, await caught(Main.version('acme', undefined, { default: 'd' })));
    }
    s.answer = (u) => u.includes('/c/') ? new Response('{"code":"internal"}', { status: 500 }) : undefined;
    console.log('P4 content 500', await caught(Main.version('acme', undefined, { default: 'd' })));
    s.answer = (u) => u.includes('/c/') ? new Response('<html>') : undefined;
    console.log('P4 content html', await caught(Main.version('acme', undefined, { default: 'd' })));
  });
  it('P5 ties', async () => {
    const one = await fixture.bind('acme', 'main', 'one');
    const two = await fixture.bind('acme', 'main2', 'two');
    const s = switchable();
    s.answer = (u) => u.includes('/bindings/') ? Response.json({ a: { ...one.main, updatedAt: '2026-01-01T00:00:00.000Z' }, b: { ...two.main2, updatedAt: '2026-01-01T00:00:00.000Z' } }) : undefined;
    const { Main } = (await fixture.client({ fetch: s.fetch })).extensionPoints;
    console.log('P5 ties (xtp: two)', await Main.version('acme'));
  });
  it('P6 signal while hanging', async () => {
    await fixture.bind('acme', 'main', 'one');
    const s = switchable();
    const { Main } = (await fixture.client({ fetch: s.fetch })).extensionPoints;
    s.answer = (_u, init) => new Promise((_r, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal!.reason)));
    const t = performance.now();
    console.log('P6', await caught(Main.version('acme', undefined, { signal: AbortSignal.timeout(20), default: 'd' })), performance.now() - t);
    s.answer = undefined;
    console.log('P15', await caught(Main.version('nobody', undefined, { signal: AbortSignal.abort() })));
  });
  it('P7 idle while fetching', async () => {
    await fixture.bind('acme', 'main', 'one');
    const s = switchable();
    const { Main } = (await fixture.client({ fetch: s.fetch, refetchAfterMs: 0, keepResidentMs: 30 })).extensionPoints;
    await Main.version('acme');
    await fixture.bind('acme', 'main', 'two');
    s.answer = async (u) => { if (!u.includes('/c/')) return undefined; await sleep(150); throw new TypeError('down'); };
    console.log('P7', await caught(Main.version('acme')));
  });
  it('P8 close during open', async () => {
    await fixture.bind('acme', 'main', 'one');
    const s = switchable();
    let live = 0;
    const clock = { ...systemClock, timer: (ms: number, a: () => void) => { live++; let on = true; const t = systemClock.timer(ms, () => { if (on) live--; on = false; a(); }); return { cancel: () => { if (on) live--; on = false; t.cancel(); } }; } };
    const client = await fixture.client({ fetch: s.fetch, clock, keepResidentMs: 3_600_000 });
    let reached!: () => void; const atContent = new Promise<void>((r) => { reached = r; });
    let go!: () => void; const gate = new Promise<void>((r) => { go = r; });
    s.answer = async (u) => { if (u.includes('/c/')) { reached(); await gate; } return undefined; };
    const call = client.extensionPoints.Main.version('acme');
    await atContent;
    await client.close();
    go();
    console.log('P8', await call, 'open residents after close', live);
    await client.close();
    console.log('P8 after second close', live);
  });
  it('P9 v0 codes, P10 facts', async () => {
    const { app, server } = fixture;
    const point = (await server.api<ExtensionPointRecord>('POST', `/apps/${app.id}/extension-points`, { name: 'Old', schema: 'version: v0\nexports: [echo]' })).body;
    const { version } = (await server.push(point.id, 'old', await plugin('one'))).body;
    await server.api('PUT', `/extension-points/${point.id}/bindings/acme`, { old: { contentAddress: version.contentAddress } });
    const client = await createClient({ baseUrl: server.url, token: server.token, appId: app.id, cacheDir: fixture.cacheDir });
    console.log('P9 json', await caught(client.extensionPoints.Old!.echo!('acme', 'no json', { default: {} })));
    console.log('P9 utf8', await caught(client.extensionPoints.Old!.echo!('acme', new Uint8Array([255, 254]), { default: '' })));
    await fixture.bind('acme', 'main', 'one');
    const s = switchable();
    const { Main } = (await fixture.client({ fetch: s.fetch, refetchAfterMs: 0 })).extensionPoints;
    console.log('P10 decode', await caught(Main.misshape('acme')));
    console.log('P10 encode', await caught(Main.shape('acme', { sides: 'x' } as never)));
    s.answer = () => new Response('', { status: 503 });
    console.log('P10 acquire', await caught(Main.version('nobody')));
    console.log('P10 undefined guest', await caught(Main.version(undefined as never)));
    await client.close();
  });
  it('P11 token', async () => {
    console.log('P11', await caught(fixture.client({ token: 'xtp0_secret\nSECRETLINE' })));
    console.log('P11', await caught(fixture.client({ token: `${fixture.server.token}\n` })).then((x) => 'value' in x ? 'ok' : x));
    console.log('P11', await caught(fixture.client({ token: 'xtp0_秘密' })));
  });
  it('P16 content fails other ways with old open', async () => {
    await fixture.bind('acme', 'main', 'one');
    const s = switchable();
    const { Main } = (await fixture.client({ fetch: s.fetch, refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    await fixture.bind('acme', 'main', 'two');
    for (const [n, r] of [['html', () => new Response('<html>')], ['500', () => new Response('{"code":"internal"}', { status: 500 })], ['404', () => new Response('<html>', { status: 404 })], ['gzip', () => new Response('x', { headers: { 'content-encoding': 'gzip' } })]] as const) {
      s.answer = (u) => u.includes('/c/') ? r() : undefined;
      console.log('P16', n, await caught(Main.version('acme')));
    }
  });
  it('P18 older flight wins', async () => {
    await fixture.bind('acme', 'main', 'zero');
    const s = switchable();
    const { Main } = (await fixture.client({ fetch: s.fetch, refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    const b1 = await fixture.bind('acme', 'main', 'one');
    let go!: () => void; const gate = new Promise<void>((r) => { go = r; });
    let reached!: () => void; const at = new Promise<void>((r) => { reached = r; });
    let fetches = 0;
    s.answer = async (u) => { if (u.includes('/c/')) fetches++; if (u.includes(b1.main!.contentAddress)) { reached(); await gate; } return undefined; };
    const slow = Main.version('acme');
    await at;
    await fixture.bind('acme', 'main', 'two');
    console.log('P18 fast', await Main.version('acme'));
    go();
    console.log('P18 slow', await slow, 'then', await Main.version('acme'));
  });
});
