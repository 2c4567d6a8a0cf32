import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import type { Plugin } from './plugin.ts';
import { PluginInfo } from './plugin-info.ts';
import { Registry } from './registry.ts';
import type { PluginSchema } from './wire/plugin.ts';

/** A plugin in this process, which notes what is done to it. */
function fake(name: string, protocols: readonly string[] = [], more: Partial<Fake> = {}): Fake {
  const log: string[] = [];
  const info = new PluginInfo({ name, protocols });
  return {
    log,
    info: () => info,
    init: async (config) => void log.push(`init ${JSON.stringify(config)}`),
    validate: async () => [],
    execute: async () => ({ status: null, duration_ms: 0 }),
    close: async (options) => void log.push(`close ${options?.drainMs ?? 0}`),
    ...more,
  };
}

interface Fake extends Plugin {
  readonly log: string[];
}

const described = (schema: Partial<PluginSchema>): Fake =>
  fake('', [], { info: () => new PluginInfo(schema) });

function registryOf(...plugins: readonly Plugin[]): Registry {
  const registry = new Registry();
  for (const plugin of plugins) registry.register(plugin);
  return registry;
}

/** The error with which it fails. */
async function failureOf(run: () => unknown): Promise<PlugbayError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof PlugbayError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('a registry', () => {
  it('RegisterAndLookup: finds a plugin by each of its protocols, and nothing by others', () => {
    const http = fake('http', ['http', 'https', 'http']);
    const registry = registryOf(http);
    expect([registry.lookup('http'), registry.lookup('https')]).toEqual([http, http]);
    expect([registry.lookup('HTTP'), registry.lookup('grpc'), registry.lookup('toString')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('RegisterNil: refuses what is no plugin', async () => {
    const missing = undefined as unknown as Plugin;
    expect(await failureOf(() => new Registry().register(missing))).toMatchObject({
      code: 'invalid',
      message: 'there is no plugin to register',
    });
  });

  it('DuplicateName: refuses a second plugin of one name', async () => {
    const registry = registryOf(fake('http', ['http']));
    expect(await failureOf(() => registry.register(fake('http', ['grpc'])))).toMatchObject({
      code: 'conflict',
      message: 'there is a plugin "http" already',
      plugin: 'http',
    });
  });

  it('DuplicateProtocol: refuses a protocol that is served, and takes nothing of that plugin', async () => {
    const registry = registryOf(fake('http', ['http', 'https']));
    expect(await failureOf(() => registry.register(fake('other', ['free', 'https'])))).toMatchObject({
      code: 'conflict',
      message: 'the protocol "https" of plugin "other" is served by "http" already',
      plugin: 'other',
    });
    expect(registry.lookup('free')).toBeUndefined();
    expect(registry.snapshot().map(({ name }) => name)).toEqual(['http']);
    registry.register(fake('other', ['free']));
  });

  it('Snapshot: lists plugins by name, in copies', () => {
    const fields = { url: { type: 'string', required: true, description: 'where' } };
    const zeta = described({ name: 'zeta', capabilities: ['http'], fields });
    const registry = registryOf(zeta, fake('alpha', ['a']));
    const empty = { version: '', description: '', protocols: [], capabilities: [], fields: {}, events: {} };
    const expected = [
      { ...empty, name: 'alpha', protocols: ['a'] },
      { ...empty, name: 'zeta', capabilities: ['http'], fields },
    ];
    const last = registry.snapshot()[1]!;
    expect(registry.snapshot()).toStrictEqual(expected);
    (last.capabilities as string[]).push('all');
    (last.fields as Record<string, unknown>)['url'] = null;
    expect(registry.snapshot()).toStrictEqual(expected);
  });

  it('EventSchema: finds what a plugin declares by the last dot, in a copy', () => {
    const sent = {
      description: 'sent',
      fields: { size: { type: 'number', required: false, description: '' } },
    };
    const registry = registryOf(described({ name: 'my.http', events: { Sent: sent } }));
    const found = registry.eventSchema('my.http.Sent');
    expect(found).toEqual(sent);
    Object.assign(found ?? {}, { description: 'changed' });
    expect(registry.eventSchema('my.http.Sent')).toEqual(sent);
    for (const name of [
      'my.http.Other',
      'http.Sent',
      'Sent',
      '',
      'my.http.',
      'my.http.toString',
      'my.http.sent',
    ]) {
      expect(registry.eventSchema(name)).toBeUndefined();
    }
  });

  it('Close: closes its plugins once, answers twice, and takes no more', async () => {
    const http = fake('http', ['http']);
    const registry = registryOf(http);
    await registry.close({ drainMs: 5 });
    expect([http.log, registry.closed]).toEqual([['close 5'], true]);
    await registry.close();
    expect(http.log).toHaveLength(1);
    expect(await failureOf(() => registry.register(fake('late')))).toMatchObject({
      code: 'unavailable',
      message: 'the registry is closed',
    });
    expect(registry.lookup('http')).toBe(http);
  });

  it('CloseAggregatesErrors: closes all, and throws what the first threw by name, with all of them as its cause', async () => {
    const failing = (name: string): Fake =>
      fake(name, [], {
        close: async () => {
          throw new Error(`${name} is stuck`);
        },
      });
    const last = fake('z');
    const registry = registryOf(last, failing('c'), failing('b'));
    const error = await failureOf(() => registry.close());
    expect(error).toMatchObject({
      code: 'internal',
      message: 'close b: b is stuck',
      plugin: 'b',
      phase: 'release',
    });
    expect((error.cause as AggregateError).errors.map(String)).toEqual([
      'PlugbayError: close b: b is stuck',
      'PlugbayError: close c: c is stuck',
    ]);
    expect(last.log).toEqual(['close 0']);
    await registry.close();
    const single = await failureOf(() => registryOf(failing('b')).close());
    expect(String(single.cause)).toBe('Error: b is stuck');
  });

  it('InitAll: initialises each with its own configuration or none, by name whatever the order they came in', async () => {
    const order: string[] = [];
    const noting = (name: string): Fake =>
      fake(name, [], { init: async (config) => void order.push(`${name} ${JSON.stringify(config)}`) });
    const registry = registryOf(noting('c'), noting('a'), noting('toString'), noting('b'));
    expect(await registry.initAll({ a: { depth: 1 }, c: { depth: 3 }, nobody: {} })).toEqual([
      'a',
      'b',
      'c',
      'toString',
    ]);
    expect(order).toEqual(['a {"depth":1}', 'b undefined', 'c {"depth":3}', 'toString undefined']);
  });

  it('InitAll_Error: stops at the first that fails, and says which were initialised', async () => {
    const failing = fake('c', [], {
      init: async () => {
        throw new PlugbayError('timeout', 'too slow');
      },
    });
    const [a, b, d] = [fake('a'), fake('b'), fake('d')];
    const registry = registryOf(d, failing, b, a);
    const error = await failureOf(() => registry.initAll({ a: {} }));
    expect(error).toMatchObject({ code: 'timeout', message: 'init c: too slow', plugin: 'c' });
    expect(error.hint).toBe('Initialised before it: a, b. Mend its configuration, or leave the plugin out.');
    expect([a.log, b.log, d.log]).toEqual([['init {}'], ['init undefined'], []]);
  });

  it('initialises nothing once it is closed', async () => {
    const http = fake('http');
    const registry = registryOf(http);
    await registry.close();
    expect((await failureOf(() => registry.initAll())).code).toBe('unavailable');
    expect(http.log).toEqual(['close 0']);
  });

  it('takes nothing of a plugin that does not say what it is', () => {
    const registry = new Registry();
    const mute = fake('', [], {
      info: () => {
        throw new Error('mute');
      },
    });
    expect(() => registry.register(mute)).toThrow('mute');
    expect(registry.snapshot()).toEqual([]);
  });

  it('closes for the impatient while somebody waits for calls to end', async () => {
    const { promise: called, resolve: finish } = Promise.withResolvers<void>();
    const slow = fake('slow', [], {
      close: async (options) => {
        if (options?.drainMs === 0 || options?.drainMs === undefined) finish();
        await called;
      },
    });
    const registry = registryOf(slow);
    const patient = registry.close({ drainMs: Number.POSITIVE_INFINITY });
    await registry.close();
    await patient;
  });
});
