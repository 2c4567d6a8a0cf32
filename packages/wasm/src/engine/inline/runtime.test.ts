import { contentAddress } from '@plugbay/core';
import { FakeClock, wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { doorTo, failureOf } from '../../../test/open.ts';
import { createInlineRuntime } from './runtime.ts';

const door = doorTo({});

describe('an inline runtime', () => {
  it('fails to open with the facts of the plugin', async () => {
    const bytes = Buffer.from('<html>');
    const source = { name: 'page', digest: contentAddress(bytes), bytes };
    const error = await failureOf(() => createInlineRuntime().open(source, { tenant: 'acme', door }));
    expect(error).toMatchObject({
      code: 'invalid',
      message: '6 bytes are not a WebAssembly module',
      plugin: 'page',
      tenant: 'acme',
      phase: 'open',
      stateLost: false,
    });
  });

  it('checks the limits before anything else', async () => {
    const source = { name: 'page', digest: '', bytes: new Uint8Array(0) };
    const options = { tenant: 'acme', door, limits: { memoryPages: 0 } };
    expect((await failureOf(() => createInlineRuntime().open(source, options))).message).toBe(
      'limit "memoryPages" must be a positive whole number, not 0',
    );
  });

  it('does not run bytes under the digest of others', async () => {
    const bytes = await wat('(module (func (export "run")))');
    const source = { name: 'swapped', digest: contentAddress(Buffer.from('other')), bytes };
    expect(await failureOf(() => createInlineRuntime().open(source, { tenant: 'acme', door }))).toMatchObject(
      {
        code: 'integrity',
        plugin: 'swapped',
      },
    );
  });

  it('gives its clock to plugins that are opened without one', async () => {
    const bytes = await wat('(module (func (export "run")))');
    const source = { name: 'late', digest: contentAddress(bytes), bytes };
    const clock = new FakeClock();
    const plugin = await createInlineRuntime({ clock }).open(source, {
      tenant: 'acme',
      door,
      clock: undefined,
    });
    const invocation = { id: 'one', depth: 0, deadline: clock.now() };
    clock.advance(1);
    await expect(plugin.call('run', '', { invocation })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('opens many plugins of one module at the same time', async () => {
    const bytes = await wat('(module (func (export "run")))');
    const source = { name: 'many', digest: contentAddress(bytes), bytes };
    const runtime = createInlineRuntime();
    const plugins = await Promise.all(
      Array.from({ length: 50 }, (_, index) => runtime.open(source, { tenant: `tenant ${index}`, door })),
    );
    for (const plugin of plugins) expect((await plugin.call('run')).bytes).toHaveLength(0);
  });
});
