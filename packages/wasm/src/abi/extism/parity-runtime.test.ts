// What the Extism runtime in Rust tests of itself beyond its SDKs' tests, for our own interface.
import { readdirSync } from 'node:fs';
import { parse } from 'node:path';
import { type HostFunction, type OpenOptions, PlugbayError } from '@plugbay/core';
import { createInlineRuntime, type LocalPlugin } from '@plugbay/wasm';
import { describe, expect, it } from 'vitest';
import { GUEST_NAMES, type GuestName, guest } from '../../../test/guests/catalogue.ts';
import { doorTo, failureOf } from '../../../test/open.ts';
import { word } from '../../../test/parity/modules.ts';

const PAGE = 65_536;

async function openGuest(
  name: GuestName,
  options: Partial<OpenOptions> = {},
  links: Readonly<Record<string, GuestName>> = {},
): Promise<LocalPlugin> {
  const others = Object.entries(links).map(async ([as, from]) => ({ name: as, bytes: await guest(from) }));
  const source = { name, bytes: await guest(name), links: await Promise.all(others) };
  const opening = { tenant: 'acme', door: doorTo({}), ...options };
  return createInlineRuntime().open(source, opening);
}

/** What `reflect` imports: the same bytes in another block. */
const host_reflect: HostFunction = (context, block) => context.store(context.read(block as bigint) ?? '');

describe('the guests of the tests', () => {
  it('are all in the catalogue, and have a source each', () => {
    const files = readdirSync(new URL('../../../test/guests/', import.meta.url));
    // Those of other conventions have tests of their own.
    const own = files.filter((file) => !/^(apiqube|wapc)/.test(file));
    const sources = own.filter((file) => /\.(wat|as|c)$/.test(file)).map((file) => parse(file).name);
    expect(sources.sort()).toEqual([...GUEST_NAMES].sort());
  });
});

describe('an instance', () => {
  it('keeps its globals over 100,001 calls', async () => {
    await using plugin = await openGuest('globals');
    for (let call = 0; call < 100_000; call++) plugin.callSync('globals');
    const { bytes } = plugin.callSync('globals');
    expect(Buffer.from(bytes).readBigUInt64LE()).toBe(100_000n);
  });
});

describe('input and output', () => {
  it('survive a host function at every size up to 65,539 bytes', async () => {
    await using plugin = await openGuest('reflect', { functions: { 'extism:host/user': { host_reflect } } });
    const sizes = [
      ...Array.from({ length: 300 }, (_, index) => index + 1),
      ...Array.from({ length: 60 }, (_, index) => index * 1_087 + 301),
      ...Array.from({ length: 20 }, (_, index) => 65_520 + index),
    ];
    for (const size of sizes) {
      const input = Buffer.alloc(size, `${size},`);
      const { bytes } = plugin.callSync('reflect', input);
      expect(Buffer.from(bytes).equals(input), `${size} bytes`).toBe(true);
    }
  });

  it('may be empty, whether the output was set to nothing or not set at all', async () => {
    await using plugin = await openGuest('answers');
    for (const name of ['empty', 'null', 'nothing', 'without_result'])
      expect([name, plugin.callSync(name).bytes.length]).toEqual([name, 0]);
  });
});

describe('the limit of memory', () => {
  it("counts the exchange's blocks: 17 pages hold what 16 do not", async () => {
    const input = word(16 * PAGE);
    await using small = await openGuest('memory', { limits: { exchangeBytes: 16 * PAGE } });
    expect(await failureOf(() => small.callSync('alloc_memory', input))).toMatchObject({ code: 'trap' });
    expect(small.callSync('alloc_memory', word(PAGE)).bytes).toHaveLength(0);
    await using large = await openGuest('memory', { limits: { exchangeBytes: 17 * PAGE } });
    expect(large.callSync('alloc_memory', input).bytes).toHaveLength(0);
  });

  it("counts the module's own pages, those that it starts with included", async () => {
    await using plugin = await openGuest('memory', { limits: { memoryPages: 17 } });
    expect(await failureOf(() => plugin.callSync('grow', word(17 * PAGE)))).toMatchObject({
      code: 'plugin',
      message: 'Returned non-zero exit code: 1',
    });
    expect(plugin.callSync('grow', word(16 * PAGE)).bytes).toHaveLength(0);
  });
});

describe('an error of the plugin', () => {
  const failing = (hello_world: HostFunction): Promise<LocalPlugin> =>
    openGuest('count-vowels-host', { functions: { 'extism:host/user': { hello_world } } });

  it('can be set by a host function, which then returns', async () => {
    await using plugin = await failing((context, block) => {
      context.setError('TEST');
      return block ?? 0n;
    });
    expect(await failureOf(() => plugin.callSync('count_vowels', 'x'))).toMatchObject({
      code: 'plugin',
      message: 'TEST',
      stateLost: false,
    });
  });

  it('is the reason of a call that a host function also ended', async () => {
    const ended = new Error('it ends here');
    await using plugin = await failing((context) => {
      context.setError('TEST');
      throw ended;
    });
    const error = await failureOf(() => plugin.callSync('count_vowels', 'x'));
    expect([error.code, error.message]).toEqual(['plugin', 'TEST']);
    expect((error.cause as Error).cause).toBe(ended);
  });

  it('that a host function throws is what the call throws', async () => {
    const denied = new PlugbayError('denied', 'not today');
    await using plugin = await failing(() => {
      throw denied;
    });
    expect(await failureOf(() => plugin.callSync('count_vowels', 'x'))).toMatchObject({
      code: 'denied',
      message: 'not today',
    });
  });
});

describe('a module that crashes', () => {
  it('fails the call as a trap, and loses its memory', async () => {
    await using plugin = await openGuest('unreachable');
    const error = await failureOf(() => plugin.callSync('do_unreachable'));
    expect([error.code, error.stateLost]).toEqual(['trap', true]);
    expect(error.message).toContain('unreachable');
  });

  it('has reported why, which is then the reason', async () => {
    await using plugin = await openGuest('unreachable');
    const error = await failureOf(() => plugin.callSync('report_and_crash'));
    expect([error.code, error.message, error.stateLost]).toEqual(['plugin', 'no', true]);
    expect(error.cause).toMatchObject({ code: 'trap' });
  });
});

describe('a module that exits', () => {
  it('has answered when its code is 0', async () => {
    await using plugin = await openGuest('exit', { wasi: {} });
    const output = plugin.callSync('run_test', '0');
    expect([output.text(), output.stateLost]).toEqual(['exiting', true]);
    expect(plugin.callSync('run_test', '0').text()).toBe('exiting');
  });

  it('has failed when it is another', async () => {
    await using plugin = await openGuest('exit', { wasi: {} });
    expect(await failureOf(() => plugin.callSync('run_test', '3'))).toMatchObject({
      code: 'plugin',
      message: 'Returned non-zero exit code: 3',
      stateLost: true,
    });
  });
});

describe('linked modules', () => {
  it('that are commands are instantiated anew for every call into them', async () => {
    await using plugin = await openGuest('commander', {}, { command: 'command' });
    const call = (): bigint[] => {
      const bytes = Buffer.from(plugin.callSync('run_test').bytes);
      return [bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8)];
    };
    expect([call(), call()]).toEqual([
      [1n, 10n],
      [1n, 10n],
    ]);
  });

  it('win over host functions of the same namespace', async () => {
    const functions = { 'extism:host/user': { host_reflect } };
    await using plugin = await openGuest('reflect', { functions }, { 'extism:host/user': 'upper' });
    expect(plugin.callSync('reflect', 'hello').text()).toBe('HELLO');
  });

  it('may import from each other, and several functions each', async () => {
    await using plugin = await openGuest(
      'circular-main',
      {},
      { lhs: 'circular-lhs', rhs: 'circular-rhs-two' },
    );
    expect(Buffer.from(plugin.callSync('encalculate').bytes).readBigUInt64LE()).toBe(127n);
  });
});

describe('variables', () => {
  it('are as good as off when there is no room for any', async () => {
    await using plugin = await openGuest('var', { limits: { variableBytes: 1 } });
    expect(await failureOf(() => plugin.callSync('run_test'))).toMatchObject({
      code: 'limit',
      message: 'Variable store is full: 50 bytes, variableBytes is 1',
    });
  });
});
