import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type AppRecord, contentAddress, type ExtensionPointRecord } from '@plugbay/core';
import { FakeClock } from '@plugbay/testing';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { type Fixture, plugin, startFixture } from '../test/fixture.ts';
import { createClient } from './client.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A fetch whose answers a test may replace from some moment on. */
interface Line {
  answer: (url: string, init?: RequestInit) => Promise<Response | undefined> | Response | undefined;
  readonly fetch: typeof fetch;
}

function line(): Line {
  const self: Line = {
    answer: () => undefined,
    fetch: async (url, init) => (await self.answer(String(url), init)) ?? fetch(url, init),
  };
  return self;
}

describe('calling a plugin', () => {
  beforeEach(() => {
    fixture.engine = 'worker';
  });

  it('by name, and without one the binding that was made last', async () => {
    await fixture.bind('acme', 'first', 'one');
    await fixture.bind('acme', 'second', 'two');
    const { Main } = (await fixture.client()).extensionPoints;
    expect(await Main.version('acme')).toBe('two');
    expect(await Main.version('acme', undefined, { bindingName: 'first' })).toBe('one');
  });

  it('encodes and decodes as the schema says, and is typed', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client()).extensionPoints;
    const shape = await Main.shape('acme', { sides: 3 });
    expectTypeOf(shape).toEqualTypeOf<{ sides: number } | null>();
    expect(shape).toEqual({ sides: 3 });
    expect(await Main.echo('acme', bytes('xabcx').subarray(1, 4))).toEqual(bytes('abc'));
  });

  it('gives only the viewed part of a buffer to the plugin', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client()).extensionPoints;
    expect(await Main.echo('acme', Buffer.from('hi'))).toEqual(bytes('hi'));
  });

  it('refuses a value that does not fit, as the app’s error', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client()).extensionPoints;
    await expect(Main.shape('acme', { sides: 1.5 })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^input of shape: .*sides/),
    });
  });

  it('refuses an answer that does not fit, as the plugin’s error', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client()).extensionPoints;
    await expect(Main.misshape('acme')).rejects.toMatchObject({
      code: 'plugin',
      message: expect.stringMatching(/^output of misshape: .*sides/),
    });
  });

  it('rejects with what the plugin says went wrong, and where', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client()).extensionPoints;
    const where = { point: 'Main', tenant: 'acme', plugin: 'Main/main', phase: 'call' };
    await expect(Main.fail('acme')).rejects.toMatchObject({
      code: 'plugin',
      message: expect.stringContaining('no luck'),
      ...where,
    });
    await expect(Main.crash('acme')).rejects.toMatchObject({ code: 'trap', ...where });
    expect(await Main.version('acme')).toBe('one');
  });

  it('names the plugin whose answer does not fit, and the guest of a call that came to nothing', async () => {
    await fixture.bind('acme', 'main', 'one');
    const wire = line();
    const { Main } = (await fixture.client({ fetch: wire.fetch, refetchAfterMs: 0 })).extensionPoints;
    const where = { point: 'Main', tenant: 'acme' };
    await expect(Main.misshape('acme')).rejects.toMatchObject({
      ...where,
      plugin: 'Main/main',
      phase: 'call',
    });
    await expect(Main.shape('acme', { sides: 1.5 })).rejects.toMatchObject(where);
    wire.answer = (url) => (url.includes('/c/') ? new Response('', { status: 503 }) : undefined);
    await fixture.bind('acme', 'other', 'two');
    await expect(Main.version('acme')).rejects.toMatchObject({
      ...where,
      code: 'unavailable',
      plugin: 'Main/other',
      phase: 'fetch',
    });
    wire.answer = () => new Response('', { status: 503 });
    await expect(Main.version('nobody')).rejects.toMatchObject({ tenant: 'nobody', phase: 'resolve' });
  });

  it('of bindings of the same time calls the last one, as the XTP client does', async () => {
    const { one } = await fixture.bind('acme', 'one', 'one');
    const { two } = await fixture.bind('acme', 'two', 'two');
    const updatedAt = '2026-01-01T00:00:00.000Z';
    const wire = line();
    wire.answer = (url) =>
      url.includes('/bindings/')
        ? Response.json({ one: { ...one, updatedAt }, two: { ...two, updatedAt } })
        : undefined;
    const { Main } = (await fixture.client({ fetch: wire.fetch })).extensionPoints;
    expect(await Main.version('acme')).toBe('two');
  });

  it('serves a thousand concurrent calls of ten guests, each with its own data', async () => {
    const guests = Array.from({ length: 10 }, (_, i) => `guest-${i}`);
    for (const guest of guests) await fixture.bind(guest, 'main', `of ${guest}`);
    const { Main } = (await fixture.client()).extensionPoints;
    const calls = Array.from({ length: 1000 }, async (_, i) => {
      const guest = guests[i % guests.length]!;
      expect(await Main.echo(guest, bytes(`${guest} ${i}`))).toEqual(bytes(`${guest} ${i}`));
      expect(await Main.version(guest)).toBe(`of ${guest}`);
    });
    await Promise.all(calls);
  });

  it('ends before it starts when it was canceled', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client()).extensionPoints;
    await expect(Main.version('acme', undefined, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'canceled',
    });
  });

  it('ends as soon as it is canceled, although the registry does not answer', async () => {
    await fixture.bind('acme', 'main', 'one');
    const wire = line();
    const client = await fixture.client({ fetch: wire.fetch });
    const { Main } = client.extensionPoints;
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<undefined>();
    wire.answer = () => {
      asked.resolve();
      return answered.promise;
    };
    const controller = new AbortController();
    const call = Main.version('acme', undefined, { signal: controller.signal, default: 'none' });
    const other = Main.version('acme');
    await asked.promise;
    controller.abort(new Error('the user left'));
    await expect(call).rejects.toMatchObject({ code: 'canceled', point: 'Main', tenant: 'acme' });
    answered.resolve(undefined);
    expect(await other).toBe('one');
  });

  it('is canceled for a guest without a plugin too', async () => {
    const { Main } = (await fixture.client()).extensionPoints;
    await expect(Main.version('nobody', undefined, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'canceled',
    });
  });

  it.each(['..', 'a//b', 'a?b', ' a', ''])(
    'refuses the guest key %j before anything is asked',
    async (guestKey) => {
      const { Main } = (await fixture.client()).extensionPoints;
      await expect(Main.version(guestKey)).rejects.toMatchObject({ code: 'invalid' });
    },
  );

  it.each(['a b', 'ärger/ü', 'a/b/c', '客户', "o'neil&co+1=2"])('knows the guest %j', async (guestKey) => {
    await fixture.bind(guestKey.split('/').map(encodeURIComponent).join('/'), 'main', 'one');
    const { Main } = (await fixture.client()).extensionPoints;
    expect(await Main.version(guestKey)).toBe('one');
  });
});

describe('without a plugin', () => {
  it('the answer is the default, whatever it is, or null', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client()).extensionPoints;
    expect(await Main.version('nobody')).toBeNull();
    expect(await Main.version('nobody', undefined, { default: '' })).toBe('');
    expect(await Main.version('nobody', undefined, { default: 0 })).toBe(0);
    expect(await Main.version('acme', undefined, { bindingName: 'other', default: 'none' })).toBe('none');
  });
});

describe('an export of a v0 schema', () => {
  it('is encoded by the type of the input and decoded by the type of the default', async () => {
    const { app, server } = fixture;
    const schema = 'version: v0\nexports: [echo]';
    const path = `/apps/${app.id}/extension-points`;
    const point = (await server.api<ExtensionPointRecord>('POST', path, { name: 'Old', schema })).body;
    const { version } = (await server.push(point.id, 'old', await plugin('one'))).body;
    await server.api('PUT', `/extension-points/${point.id}/bindings/acme`, {
      old: { contentAddress: version.contentAddress },
    });
    const client = await createClient({
      baseUrl: server.url,
      token: server.token,
      appId: app.id,
      cacheDir: fixture.cacheDir,
    });
    const echo = client.extensionPoints.Old!.echo!;
    expect(await echo('acme', 'text')).toBe('text');
    expect(await echo('acme', 'text', { default: '' })).toBe('text');
    expect(await echo('acme', { a: [1, null] }, { default: {} })).toEqual({ a: [1, null] });
    expect(await echo('acme', null, { default: {} })).toBeNull();
    expect(await echo('acme', undefined, { default: {} })).toBeNull();
    await expect(echo('acme', 'no json', { default: {} })).rejects.toMatchObject({
      code: 'plugin',
      message: 'output of echo: 7 bytes are not JSON',
      plugin: 'Old/old',
    });
    await expect(echo('acme', Uint8Array.of(0xff))).rejects.toMatchObject({
      code: 'plugin',
      message: 'output of echo: 1 bytes are not UTF-8 text',
    });
    expect(await echo('acme', bytes('xabx').subarray(1, 3), { default: new Uint8Array() })).toEqual(
      bytes('ab'),
    );
    await client.close();
  });
});

describe('extension points', () => {
  it.each(['on email', 'toString', '__proto__', 'constructor'])('may be called %j', async (name) => {
    const { app, server } = fixture;
    await server.api('POST', `/apps/${app.id}/extension-points`, {
      name,
      schema: 'version: v0\nexports: [echo]',
    });
    const client = await createClient({
      baseUrl: server.url,
      token: server.token,
      appId: app.id,
      cacheDir: fixture.cacheDir,
    });
    expect(Object.keys(client.extensionPoints).toSorted()).toEqual(['Main', name].toSorted());
    expect(Object.keys(client.extensionPoints[name]!)).toEqual(['echo']);
    await client.close();
  });
});

describe('a new version', () => {
  it('is called as soon as the bindings went stale, under steady traffic too', async () => {
    const clock = new FakeClock();
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client({ clock, refetchAfterMs: 1_000, keepResidentMs: 60_000 }))
      .extensionPoints;
    expect(await Main.version('acme')).toBe('one');
    await fixture.bind('acme', 'main', 'two');
    clock.advance(999);
    expect(await Main.version('acme')).toBe('one');
    clock.advance(1);
    expect(await Main.version('acme')).toBe('two');
  });

  it('rolled back to an older one is followed', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client({ refetchAfterMs: 0 })).extensionPoints;
    await fixture.bind('acme', 'main', 'two');
    expect(await Main.version('acme')).toBe('two');
    await fixture.bind('acme', 'main', 'one');
    expect(await Main.version('acme')).toBe('one');
  });

  it('unbound is called no more', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client({ refetchAfterMs: 0 })).extensionPoints;
    expect(await Main.version('acme')).toBe('one');
    await fixture.server.api('DELETE', `/extension-points/${fixture.point.id}/bindings/acme/main`);
    expect(await Main.version('acme')).toBeNull();
  });

  it('that takes longer to fetch than an idle plugin stays open, and fails, leaves the old one in service', async () => {
    const clock = new FakeClock();
    await fixture.bind('acme', 'main', 'one');
    const wire = line();
    const { Main } = (
      await fixture.client({ clock, fetch: wire.fetch, refetchAfterMs: 0, keepResidentMs: 5_000 })
    ).extensionPoints;
    await Main.version('acme');
    await fixture.bind('acme', 'main', 'two');
    wire.answer = (url) => {
      if (!url.includes('/c/')) return undefined;
      clock.advance(30_000);
      throw new TypeError('fetch failed');
    };
    expect(await Main.version('acme')).toBe('one');
  });

  it.each([
    ['fails', () => Response.json({ code: 'internal' }, { status: 500 })],
    ['is a proxy’s 404', () => new Response('<html>no upstream</html>', { status: 404 })],
  ])('of which the answer %s leaves the old one in service', async (_what, answer) => {
    await fixture.bind('acme', 'main', 'one');
    const wire = line();
    const { Main } = (await fixture.client({ fetch: wire.fetch, refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    await fixture.bind('acme', 'main', 'two');
    wire.answer = (url) => (url.includes('/c/') ? answer() : undefined);
    expect(await Main.version('acme')).toBe('one');
    wire.answer = () => undefined;
    expect(await Main.version('acme')).toBe('two');
  });

  it('that comes late does not replace a newer one', async () => {
    const clock = new FakeClock();
    await fixture.bind('acme', 'main', 'one');
    const wire = line();
    const { Main } = (await fixture.client({ clock, fetch: wire.fetch, refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    const { contentAddress: late = '' } = (await fixture.bind('acme', 'main', 'two')).main ?? {};
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<undefined>();
    const opened = vi.spyOn(clock, 'timer');
    wire.answer = (url) => {
      if (!url.includes(late)) return undefined;
      asked.resolve();
      return answered.promise;
    };
    const slow = Main.version('acme');
    await asked.promise;
    await fixture.bind('acme', 'main', 'three');
    expect(await Main.version('acme')).toBe('three');
    answered.resolve(undefined);
    expect(await slow).toBe('two');
    expect(await Main.version('acme')).toBe('three');
    // Two plugins and two waits for them; what is left is the timer of the one in service.
    expect([opened.mock.calls.length, clock.pendingTimers]).toEqual([4, 1]);
  });

  it('of which the content is not what its address says is never run', async () => {
    await fixture.bind('acme', 'main', 'one');
    const other = await plugin('malware');
    const lying: typeof fetch = async (url, init) =>
      String(url).includes('/c/') ? new Response(other.slice()) : fetch(url, init);
    const { Main } = (await fixture.client({ fetch: lying })).extensionPoints;
    await expect(Main.version('acme')).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining(contentAddress(other)),
    });
  });
});

describe('a new version that does not come', () => {
  it('delays one call by two seconds, the next ones not at all, and is called once it is there', async () => {
    const clock = new FakeClock();
    const wire = line();
    await fixture.bind('acme', 'main', 'one');
    const options = { clock, fetch: wire.fetch, refetchAfterMs: 1_000, keepResidentMs: 60_000 };
    const { Main } = (await fixture.client(options)).extensionPoints;
    expect(await Main.version('acme')).toBe('one');
    await fixture.bind('acme', 'main', 'two');
    const answered = Promise.withResolvers<undefined>();
    let asked = 0;
    wire.answer = (url) => {
      if (!url.includes('/c/')) return undefined;
      asked++;
      return answered.promise;
    };
    clock.advance(1_000);
    const delayed = Main.version('acme');
    await vi.waitFor(() => expect(asked).toBe(1));
    clock.advance(2_000);
    expect(await delayed).toBe('one');
    expect(await Main.version('acme')).toBe('one');
    expect(asked).toBe(1);
    answered.resolve(undefined);
    await vi.waitFor(async () => expect(await Main.version('acme')).toBe('two'));
  });

  it('is asked for once in refetchAfterMs while it fails', async () => {
    const clock = new FakeClock();
    const wire = line();
    await fixture.bind('acme', 'main', 'one');
    const options = { clock, fetch: wire.fetch, refetchAfterMs: 1_000, keepResidentMs: 60_000 };
    const { Main } = (await fixture.client(options)).extensionPoints;
    await Main.version('acme');
    await fixture.bind('acme', 'main', 'two');
    let asked = 0;
    wire.answer = (url) => {
      if (!url.includes('/c/')) return undefined;
      asked++;
      throw new TypeError('connection refused');
    };
    clock.advance(1_000);
    for (let call = 0; call < 20; call++) expect(await Main.version('acme')).toBe('one');
    expect(asked).toBe(1);
    clock.advance(1_000);
    expect(await Main.version('acme')).toBe('one');
    expect(asked).toBe(2);
  });
});

describe('the cache on disk', () => {
  it('does not grow with guests of whom nothing is known', async () => {
    const { Main } = (await fixture.client()).extensionPoints;
    for (let guest = 0; guest < 20; guest++) await Main.version(`guest-${guest}`);
    expect((await readdir(fixture.cacheDir)).toSorted()).toEqual(['points']);
  });

  it('forgets a guest whose plugins were unbound', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client({ refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    await fixture.server.api('DELETE', `/extension-points/${fixture.point.id}/bindings/acme/main`);
    expect(await Main.version('acme')).toBeNull();
    await fixture.server.server.close();
    expect(await (await fixture.client()).extensionPoints.Main.version('acme')).toBeNull();
  });
});

describe('while the registry is away', () => {
  it('calls go on with what is in memory', async () => {
    await fixture.bind('acme', 'main', 'one');
    const { Main } = (await fixture.client({ refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    await fixture.server.server.close();
    expect(await Main.version('acme')).toBe('one');
  });

  it('a new process starts and calls with what is on disk', async () => {
    await fixture.bind('acme', 'main', 'one');
    await (await fixture.client()).extensionPoints.Main.version('acme');
    await fixture.server.server.close();
    expect(await (await fixture.client()).extensionPoints.Main.version('acme')).toBe('one');
  });

  it('a registry that hangs delays a call, and does not fail it', async () => {
    await fixture.bind('acme', 'main', 'one');
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const hole = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    let hangs = false;
    const through: typeof fetch = (url, init) => fetch(hangs ? hole : url, init);
    const { Main } = (await fixture.client({ fetch: through, refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    hangs = true;
    expect(await Main.version('acme')).toBe('one');
    silent.close();
  });

  it('garbage from a proxy does not count as an answer', async () => {
    await fixture.bind('acme', 'main', 'one');
    let garbage = false;
    const proxy: typeof fetch = async (url, init) =>
      garbage ? new Response('<html>log in</html>') : fetch(url, init);
    const { Main } = (await fixture.client({ fetch: proxy, refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    garbage = true;
    expect(await Main.version('acme')).toBe('one');
  });

  it.each([
    ['404', () => new Response('<html>no upstream</html>', { status: 404 })],
    ['500', () => Response.json({ code: 'internal' }, { status: 500 })],
  ])('a proxy’s %s does not count as an answer', async (_status, answer) => {
    await fixture.bind('acme', 'main', 'one');
    const wire = line();
    const options = { fetch: wire.fetch, refetchAfterMs: 0 };
    await (await fixture.client(options)).extensionPoints.Main.version('acme');
    wire.answer = answer;
    expect(await (await fixture.client(options)).extensionPoints.Main.version('acme')).toBe('one');
  });

  it.each([
    ['garbage', () => new Response('<html>log in</html>')],
    ['a 404 of a proxy', () => new Response('<html>no upstream</html>', { status: 404 })],
    ['a failure', () => Response.json({ code: 'internal' }, { status: 500 })],
  ])('the default is the answer to %s when nothing is known', async (_what, answer) => {
    const wire = line();
    const { Main } = (await fixture.client({ fetch: wire.fetch })).extensionPoints;
    wire.answer = answer;
    expect(await Main.version('acme', undefined, { default: 'none' })).toBe('none');
    await expect(Main.version('a?b', undefined, { default: 'none' })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it('what nobody ever knew is an error, or the default', async () => {
    const { Main } = (await fixture.client()).extensionPoints;
    await fixture.server.server.close();
    await expect(Main.version('acme')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await Main.version('acme', undefined, { default: 'none' })).toBe('none');
  });

  it('a damaged cache is done without', async () => {
    await fixture.bind('acme', 'main', 'one');
    await (await fixture.client()).extensionPoints.Main.version('acme');
    for (const folder of await readdir(fixture.cacheDir, { recursive: true, withFileTypes: true })) {
      if (folder.isFile()) await writeFile(join(folder.parentPath, folder.name), 'damaged');
    }
    expect(await (await fixture.client()).extensionPoints.Main.version('acme')).toBe('one');
  });

  it('a cache folder that cannot be written costs nothing but the cache', async () => {
    await fixture.bind('acme', 'main', 'one');
    await rm(fixture.cacheDir, { recursive: true });
    await writeFile(fixture.cacheDir, 'a file where the folder should be');
    expect(await (await fixture.client()).extensionPoints.Main.version('acme')).toBe('one');
  });
});

describe('a registry that says no', () => {
  it('is no reason to go on: a revoked token ends the calls', async () => {
    const { server } = fixture;
    await fixture.bind('acme', 'main', 'one');
    const { id, token } = (
      await server.api<{ id: string; token: string }>('POST', '/tokens', { name: 'app' })
    ).body;
    const { Main } = (await fixture.client({ token, refetchAfterMs: 0 })).extensionPoints;
    expect(await Main.version('acme')).toBe('one');
    await server.api('DELETE', `/tokens/${id}`);
    await expect(Main.version('acme', undefined, { default: 'none' })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it.each([
    [401, 'unauthenticated'],
    [403, 'denied'],
  ])('is always an error: %i, whatever its body says', async (status, code) => {
    await fixture.bind('acme', 'main', 'one');
    const wire = line();
    const { Main } = (await fixture.client({ fetch: wire.fetch, refetchAfterMs: 0 })).extensionPoints;
    await Main.version('acme');
    wire.answer = () => Response.json({ code: 'invalid' }, { status });
    await expect(Main.version('acme', undefined, { default: 'none' })).rejects.toMatchObject({ code });
  });

  it('says why a client cannot be made', async () => {
    await expect(fixture.client({ token: 'xtp0_wrong' })).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(fixture.client({ appId: 'app_01h455vb4pex5vsknk084sn02q' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe.each(['worker', 'inline'] as const)('an open plugin, on the engine %s', (engine) => {
  beforeEach(() => {
    fixture.engine = engine;
  });

  it('is closed when it was idle for long enough, and opened again by the next call', async () => {
    const clock = new FakeClock();
    await fixture.bind('acme', 'main', 'one');
    let fetches = 0;
    const counting: typeof fetch = (url, init) => {
      if (String(url).includes('/c/')) fetches++;
      return fetch(url, init);
    };
    const client = await fixture.client({ clock, fetch: counting, keepResidentMs: 5_000 });
    await client.extensionPoints.Main.version('acme');
    clock.advance(4_999);
    await client.extensionPoints.Main.version('acme');
    clock.advance(4_999);
    await client.extensionPoints.Main.version('acme');
    clock.advance(60_000);
    expect(await client.extensionPoints.Main.version('acme')).toBe('one');
    expect(fetches).toBe(1);
  });

  it('that opens while the client is closed ends with the call that waits for it', async () => {
    const clock = new FakeClock();
    await fixture.bind('acme', 'main', 'one');
    const wire = line();
    const client = await fixture.client({ clock, fetch: wire.fetch });
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<undefined>();
    wire.answer = (url) => {
      if (!url.includes('/c/')) return undefined;
      asked.resolve();
      return answered.promise;
    };
    const calls = [client.extensionPoints.Main.version('acme'), client.extensionPoints.Main.version('acme')];
    await asked.promise;
    await client.close();
    answered.resolve(undefined);
    expect(await Promise.all(calls)).toEqual(['one', 'one']);
    expect(clock.pendingTimers).toBe(0);
    expect(await client.extensionPoints.Main.version('acme')).toBe('one');
    expect(clock.pendingTimers).toBe(1);
  });

  it('of one client is not the other’s: closing one leaves the other open', async () => {
    await fixture.bind('acme', 'main', 'one');
    const [a, b] = [await fixture.client(), await fixture.client()];
    await Promise.all([a.extensionPoints.Main.version('acme'), b.extensionPoints.Main.version('acme')]);
    await a.close();
    expect(await b.extensionPoints.Main.version('acme')).toBe('one');
    expect(await a.extensionPoints.Main.version('acme')).toBe('one');
  });
});

describe('a client', () => {
  it('lists the plugins of a guest, and its bindings', async () => {
    const bindings = await fixture.bind('acme', 'main', 'one');
    const client = await fixture.client();
    expect(await client.listAvailablePlugins('Main', 'acme')).toEqual(['main']);
    expect(await client.getBinding('Main', 'acme')).toEqual(bindings);
    expect(await client.listAvailablePlugins('Main', 'nobody')).toEqual([]);
    expect(await client.listAvailablePlugins('Nowhere', 'acme')).toEqual([]);
    expect(await client.getBinding('Nowhere', 'acme')).toBeNull();
  });

  it('invites a guest', async () => {
    const client = await fixture.client();
    const { status, link } = await client.inviteGuest({ guestKey: 'acme', deliveryMethod: 'link' });
    expect(status).toBe('ok');
    expect(link).toMatch(new RegExp(`^${fixture.server.url}/accept-invite\\?code=[A-Za-z0-9_-]+$`));
    await expect(client.inviteGuest({ guestKey: 'a?b', deliveryMethod: 'link' })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it('is cloned with other options, without asking for the extension points again', async () => {
    await fixture.bind('acme', 'main', 'one');
    const client = await fixture.client();
    let requests = 0;
    const counting: typeof fetch = (url, init) => {
      requests++;
      return fetch(url, init);
    };
    const clone = client.clone({ fetch: counting });
    expect(requests).toBe(0);
    expect(await clone.extensionPoints.Main.version('acme')).toBe('one');
    await clone.close();
  });

  it.each([
    [{ token: '' }, 'property "token" is required to instantiate an XTP client'],
    [{ appId: '' }, 'property "appId" is required to instantiate an XTP client'],
    [{ token: 'xtp0_a\nb' }, 'the token has a character that no token has'],
    [{ token: 'xtp0_ключ' }, 'the token has a character that no token has'],
    [{ baseUrl: 'nonsense' }, 'baseUrl "nonsense" is not an http or https URL'],
    [{ baseUrl: 'ftp://host' }, 'baseUrl "ftp://host" is not an http or https URL'],
    [{ keepResidentMs: -1 }, 'keepResidentMs must be a number of milliseconds, not -1'],
    [{ refetchAfterMs: Number.NaN }, 'refetchAfterMs must be a number of milliseconds, not NaN'],
  ])('is not made with %j', async (options, message) => {
    await expect(fixture.client(options)).rejects.toMatchObject({ code: 'invalid', message });
  });

  it('takes a token with the line break of the file that it was read from', async () => {
    await fixture.bind('acme', 'main', 'one');
    const client = await fixture.client({ token: `${fixture.server.token}\n` });
    expect(await client.listAvailablePlugins('Main', 'acme')).toEqual(['main']);
  });

  it('refuses the option storage of the XTP client instead of ignoring it', async () => {
    await expect(fixture.client({ storage: true } as object)).rejects.toMatchObject({
      code: 'unsupported',
      message: 'the option storage of the XTP client is not supported yet',
      hint: 'Leave it out; "cacheDir" says where plugins and bindings are kept.',
    });
  });

  it('takes options of the XTP client that ask for nothing', async () => {
    const nothing = { runInWorker: false, storage: undefined, allowedHosts: undefined, timeoutMs: null };
    const client = await fixture.client(nothing as object);
    expect(await client.listAvailablePlugins('Main', 'acme')).toEqual([]);
  });

  it('takes only the origin of its baseUrl', async () => {
    await fixture.bind('acme', 'main', 'one');
    const client = await fixture.client({ baseUrl: `${fixture.server.url}/some/path?x=1` });
    expect(await client.listAvailablePlugins('Main', 'acme')).toEqual(['main']);
  });

  it('of an app without extension points has none', async () => {
    const { server } = fixture;
    const app = (await server.api<AppRecord>('POST', '/apps', { name: 'empty' })).body;
    const client = await fixture.client({ appId: app.id });
    expect(Object.keys(client.extensionPoints)).toEqual([]);
  });
});
