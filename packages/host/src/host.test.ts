import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { createHost } from './host.ts';

const ECHO = await wat(`(module
  (import "extism:host/env" "input_offset" (func $offset (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "echo") (call $output (call $offset) (call $length))))`);

/** Hands its input to an import and answers with what that returns. */
const asking = (namespace: string, name: string): Promise<Uint8Array> =>
  wat(`(module
  (import "extism:host/env" "input_offset" (func $offset (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "${namespace}" "${name}" (func $ask (param i64) (result i64)))
  (func (export "ask") (local $reply i64)
    (local.set $reply (call $ask (call $offset)))
    (call $output (local.get $reply) (call $length (local.get $reply)))))`);

describe('a host', () => {
  it('opens a plugin from bytes, a path or a file URL', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'plugbay-'));
    const path = join(dir, 'echo.wasm');
    await writeFile(path, ECHO);
    await using host = createHost();
    for (const origin of [
      { name: 'echo', bytes: ECHO },
      { locator: path },
      { locator: pathToFileURL(path).href },
    ]) {
      const plugin = await host.open(origin, { tenant: 'acme' });
      expect((await plugin.call('echo', 'hi')).text()).toBe('hi');
    }
    await rm(dir, { recursive: true });
  });

  it('says what is wrong with a plugin when it is opened', async () => {
    await using host = createHost();
    await expect(
      host.open({ name: 'x', bytes: new Uint8Array([1, 2, 3]) }, { tenant: 'acme' }),
    ).rejects.toMatchObject({
      code: 'invalid',
      plugin: 'x',
      phase: 'open',
    });
    await expect(host.open({ locator: 'https://example.com/x' }, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('lends its functions to plugins, unless their grants say otherwise', async () => {
    const bytes = await asking('extism:host/user', 'shout');
    await using host = createHost({
      functions: {
        'extism:host/user': {
          shout: (context, text) => context.store(context.text(BigInt(text))?.toUpperCase() ?? ''),
        },
      },
    });
    const plugin = await host.open({ name: 'p', bytes }, { tenant: 'acme' });
    expect((await plugin.call('ask', 'hi')).text()).toBe('HI');
    await expect(host.open({ name: 'p', bytes }, { tenant: 'acme', grants: [] })).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('extism:host/user.shout'),
    });
  });

  it('answers host calls with its callbacks, which know the caller, only where they are granted', async () => {
    const bytes = await asking('greeting', 'hello');
    await using host = createHost({
      callbacks: [
        {
          namespace: 'greeting',
          operation: 'hello',
          mode: 'sync',
          answer: ({ payload }, { tenant, plugin }) =>
            new TextEncoder().encode(`${plugin} of ${tenant} says ${new TextDecoder().decode(payload)}`),
        },
      ],
    });
    const granted = await host.open(
      { name: 'p', bytes },
      { tenant: 'acme', grants: [{ capability: 'greeting' }] },
    );
    expect((await granted.call('ask', 'hi')).text()).toBe('p of acme says hi');
    const without = await host.open({ name: 'p', bytes }, { tenant: 'acme' });
    await expect(without.call('ask', 'hi')).rejects.toMatchObject({ code: 'denied' });
  });

  it('refuses a plugin that imports what nobody provides, by name', async () => {
    await using host = createHost();
    const bytes = await asking('nobody', 'knows');
    await expect(host.open({ name: 'p', bytes }, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/nobody provides: nobody[ .]knows/),
    });
  });

  it('closes what it opened, and opens nothing more', async () => {
    const host = createHost();
    const plugin = await host.open({ name: 'echo', bytes: ECHO }, { tenant: 'acme' });
    await host.close();
    await expect(plugin.call('echo', 'hi')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(host.open({ name: 'echo', bytes: ECHO }, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'unavailable',
    });
    await host.close();
  });

  it('runs nothing of a plugin that comes when it is closed', async () => {
    const bytes = await wat(
      `(module (import "app" "started" (func $started)) (start $started) (func (export "run")))`,
    );
    let starts = 0;
    const host = createHost({ functions: { app: { started: () => void starts++ } } });
    await host.open({ name: 'p', bytes }, { tenant: 'acme' });
    await host.close();
    await expect(host.open({ name: 'p', bytes }, { tenant: 'acme' })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the host is closed',
    });
    expect(starts).toBe(1);
  });

  it.each([undefined, {}, { tenant: '' }, { tenant: 7 }])(
    'opens nothing for the tenant in %j',
    async (options) => {
      await using host = createHost();
      const open = host.open({ name: 'echo', bytes: ECHO }, options as { tenant: string });
      await expect(open).rejects.toMatchObject({ code: 'invalid', phase: 'open' });
    },
  );

  it('refuses two callbacks of one name', () => {
    const callback = {
      namespace: 'a',
      operation: 'b',
      mode: 'sync',
      answer: () => new Uint8Array(),
    } as const;
    expect(() => createHost({ callbacks: [callback, callback] })).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    );
  });
});
