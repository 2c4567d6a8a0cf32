// Plugins that mean harm, on the inline engine: each ends as its limits say, and nobody but itself notices.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentAddress, type OpenOptions } from '@plugbay/core';
import { HOSTILE_MODULES, HOSTILE_PLUGINS, type HostileEnd, wat } from '@plugbay/testing';
import { createInlineRuntime, type LocalPlugin } from '@plugbay/wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  COUNTER,
  HOSTILE_CODES,
  HOSTILE_LIMITS,
  hostileOptions,
  hostileOptionsNow,
} from '../../../test/contract/hostile.ts';
import { doorTo, env, failureOf, keepingLogger, openBytes, openWat } from '../../../test/open.ts';
import { openDescriptors } from '../../../test/open-folders.ts';

// `npm run soak` has a thousand.
const ROUNDS = Number(process.env.PLUGBAY_HOSTILE_ROUNDS ?? 20);
const FEW_ROUNDS = 3;
const PATIENCE = 30_000 + 50 * ROUNDS;

const codeOf = (ends: HostileEnd): string => (ends === 'never' ? 'limit' : HOSTILE_CODES[ends]);

const idle = { instances: 1, busy: 0, waiting: 0 };

describe('a hostile plugin', () => {
  const runtime = createInlineRuntime();
  let neighbour: LocalPlugin;
  let counted = 0;

  const open = (bytes: Uint8Array, options: Partial<OpenOptions> = {}): Promise<LocalPlugin> =>
    runtime.open(
      { name: 'sample', digest: contentAddress(bytes), bytes },
      { tenant: 'acme', door: doorTo({}), metered: true, limits: HOSTILE_LIMITS, ...options },
    );

  beforeAll(async () => {
    neighbour = await open(await wat(COUNTER), { tenant: 'umbrella' });
  });

  // One of another tenant keeps its memory all the while.
  afterAll(async () => {
    expect([...neighbour.callSync('count').bytes]).toEqual([(counted + 1) % 256]);
    expect(neighbour.stats()).toMatchObject({ ...idle, created: 1, discarded: 0 });
  });

  for (const hostile of HOSTILE_PLUGINS) {
    const { abi, name, ends, bytes, waiting, starting, endsStarting } = hostile;
    const [now, later] = [hostileOptionsNow(hostile), hostileOptions(hostile)];

    it(
      `of the ABI ${abi} that ${name} ends, and the next call works`,
      async () => {
        const plugin = await open(await bytes(), now);
        for (let round = 0; round < ROUNDS; round++) {
          const error = await failureOf(() => plugin.callSync('run'));
          expect([error.code, error.plugin, error.tenant, error.phase]).toEqual([
            codeOf(ends),
            'sample',
            'acme',
            'call',
          ]);
          expect(plugin.callSync('echo', 'still there').text()).toBe('still there');
          neighbour.callSync('count');
          counted += 1;
        }
        expect(plugin.stats()).toMatchObject(idle);
      },
      PATIENCE,
    );

    it(`of the ABI ${abi} that ${name} ends in its time`, async () => {
      const limits = { ...HOSTILE_LIMITS, fuel: Number.MAX_SAFE_INTEGER };
      const plugin = await open(await bytes(), { ...now, limits });
      const error = await failureOf(() =>
        plugin.callSync('run', '', { timeoutMs: ends === 'never' ? 15 : 60_000 }),
      );
      expect(error.code).toBe(ends === 'never' ? 'timeout' : HOSTILE_CODES[ends]);
      expect(plugin.callSync('echo', 'still there', { timeoutMs: 60_000 }).text()).toBe('still there');
    });

    it(`of the ABI ${abi} that ${name} after it was suspended ends as well`, async () => {
      const plugin = await open(await waiting(), later);
      for (let round = 0; round < FEW_ROUNDS; round++) {
        expect((await failureOf(() => plugin.call('run'))).code).toBe(codeOf(ends));
        expect((await plugin.call('echo', 'still there')).text()).toBe('still there');
      }
      expect(plugin.stats()).toMatchObject(idle);
    });

    it(`of the ABI ${abi} that ${name} while it starts ends`, async () => {
      for (const how of ['start', '_initialize'] as const) {
        const module = await starting(how);
        const end = endsStarting[how];
        for (let round = 0; round < FEW_ROUNDS; round++) {
          if (end === 'well') {
            expect((await open(module, now)).callSync('echo', 'there').text()).toBe('there');
            continue;
          }
          const error = await failureOf(() => open(module, now));
          expect([error.code, error.phase]).toEqual([codeOf(end), 'open']);
        }
      }
    });
  }
});

describe('a hostile module', () => {
  for (const { name, code, message, bytes } of HOSTILE_MODULES) {
    it(`with ${name} is refused, metered or not`, async () => {
      const module = await bytes();
      for (const metered of [false, true]) {
        const error = await failureOf(() => openBytes(module, { metered }));
        expect([error.code, error.phase]).toEqual([code, 'open']);
        expect(error.message).toMatch(message);
      }
    });
  }

  it('may have names of any kind, and is called by them', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'a\\00b', '\\e2\\80\\ae', 'x'.repeat(100_000), ''];
    const source = names.map((name, index) => `(func (export "${name}") (result i32) (i32.const ${index}))`);
    const plugin = await openWat(`(module ${source.join('')})`);
    const exported = plugin.info.exports;
    expect(exported).toHaveLength(names.length);
    const codes = await Promise.all(
      exported.map((name) =>
        failureOf(() => plugin.callSync(name)).then(
          ({ message }) => message,
          () => 'well',
        ),
      ),
    );
    expect(codes).toEqual([
      'well',
      ...[1, 2, 3, 4, 5, 6].map((code) => `Returned non-zero exit code: ${code}`),
    ]);
    expect((await failureOf(() => plugin.callSync('valueOf'))).code).toBe('not_found');
  });

  it('gets what its imports are named like, and nothing of what every object has', async () => {
    const seen: string[] = [];
    const functions = Object.create(null);
    for (const namespace of ['__proto__', 'constructor'])
      functions[namespace] = Object.fromEntries([['toString', () => void seen.push(namespace)]]);
    const plugin = await openWat(
      `(module (import "__proto__" "toString" (func $one)) (import "constructor" "toString" (func $two))
        (func (export "run") (call $one) (call $two)))`,
      { functions },
    );
    plugin.callSync('run');
    expect(seen).toEqual(['__proto__', 'constructor']);
  });

  it('may hand on the kernel’s functions, and they stay its own', async () => {
    const source = `(module ${env('alloc', 'length', 'input_offset', 'input_length', 'output_set')}
      (type $take (func (param i64) (result i64)))
      (table (export "table") 2 funcref) (elem (i32.const 0) $alloc $length)
      (export "alloc" (func $alloc)) (export "set" (func $output_set))
      (func (export "run") (local $block i64)
        (local.set $block (call_indirect (type $take) (i64.const 100) (i32.const 0)))
        (if (i64.ne (call_indirect (type $take) (local.get $block) (i32.const 1)) (i64.const 100)) (then unreachable))
        (call $output_set (call $input_offset) (call $input_length))))`;
    const [one, other] = [await openWat(source), await openWat(source, { tenant: 'umbrella' })];
    expect([one.callSync('run', 'one').text(), other.callSync('run', 'other').text()]).toEqual([
      'one',
      'other',
    ]);
    expect((await failureOf(() => one.callSync('alloc'))).code).toBe('invalid');
  });
});

describe('a handle that is none', () => {
  const BLOCK = 4096n;
  const MAGIC = 0x5eedb10cn;
  // Each hands the first eight bytes of its input to one function, after it has written the next eight where the header of a
  // block at 4096 would end.
  const asking = (name: string, call: string): string => `(func (export "${name}") (result i32)
    (drop (call $alloc (i64.const 8192)))
    (call $store_u64 (i64.const ${BLOCK - 8n}) (call $input_load_u64 (i64.const 8)))
    ${call}
    (i32.ne (i32.wrap_i64 (call $input_length)) (i32.const 16)))`;
  const handle = '(call $input_load_u64 (i64.const 0))';
  const GIVEN = [
    'config_get',
    'var_get',
    'log_trace',
    'log_debug',
    'log_info',
    'log_warn',
    'log_error',
  ] as const;
  const OWN = ['free', 'error_set'] as const;
  const SOURCE = `(module
    ${env('alloc', 'store_u64', 'store_u8', 'input_load_u64', 'input_length', 'length', 'length_unsafe', 'load_u64', 'output_set', 'error_get', 'var_set', 'http_request', ...GIVEN, ...OWN)}
    (global $kept (mut i64) (i64.const 0))
    ${GIVEN.map((name) => asking(name, name.endsWith('get') ? `(drop (call $${name} ${handle}))` : `(call $${name} ${handle})`)).join('\n')}
    ${asking('var_set key', `(call $var_set ${handle} (i64.const 0))`)}
    ${asking('var_set value', `(call $var_set (i64.const 0) ${handle})`)}
    ${asking('http_request head', `(drop (call $http_request ${handle} (i64.const 0)))`)}
    ${asking('http_request body', `(drop (call $http_request (i64.const 0) ${handle}))`)}
    ${OWN.map((name) => asking(name, `(call $${name} ${handle}) (call $error_set (i64.const 0))`)).join('\n')}
    ${['length', 'length_unsafe'].map((name) => asking(name, `(if (i64.ne (call $${name} ${handle}) (i64.const 0)) (then unreachable))`)).join('\n')}
    ${asking('load_u64', `(drop (call $load_u64 ${handle}))`)}
    ${asking('store_u64', `(call $store_u64 (i64.and ${handle} (i64.const -1024)) (i64.const 0))`)}
    ${asking('output_set', `(call $output_set ${handle} (i64.const -1))`)})`;

  const header = (length: bigint): bigint => (length << 32n) | (BLOCK ^ MAGIC);
  const words = (...values: bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(values).buffer);
  const HANDLES: [string, Uint8Array][] = [
    ['before the memory that it may use', words(1n, 0n)],
    ['right before the first block', words(79n, 0n)],
    ['right behind a block’s start', words(81n, 0n)],
    ['inside of a block', words(88n, 0n)],
    ['where nothing was made', words(BLOCK, 0n)],
    ['with a forged header of no bytes', words(BLOCK, header(0n))],
    ['with a forged header of all bytes', words(BLOCK, header(0xffff_ffffn))],
    ['with a forged header of more bytes than there are', words(BLOCK, header(0x7fff_ffffn))],
    ['beyond the memory', words(2n ** 31n, 0n)],
    ['that is a block in its lower half', words(2n ** 32n + 80n, 0n)],
    ['that is negative', words(2n ** 63n, 0n)],
    ['that is -1', words(2n ** 64n - 1n, 0n)],
  ];
  const HOST_SIDE = [...GIVEN, 'var_set key', 'var_set value', 'http_request head', 'http_request body'];
  const KERNEL_SIDE = [...OWN, 'length', 'length_unsafe', 'load_u64', 'output_set'];

  for (const [what, input] of HANDLES) {
    it(`${what} is a trap where the host would read it, and nothing elsewhere`, async () => {
      const plugin = await openWat(SOURCE, { logger: keepingLogger() });
      for (const name of HOST_SIDE) {
        const error = await failureOf(() => plugin.callSync(name, input));
        expect([name, error.code, error.stateLost]).toEqual([name, 'trap', true]);
        expect(error.message).toMatch(/is not a block of the exchange memory$/);
      }
      for (const name of KERNEL_SIDE)
        expect([name, plugin.callSync(name, input).bytes.length]).toEqual([name, 0]);
    });
  }

  it('lets a guest write nothing but its own part of the memory', async () => {
    const plugin = await openWat(SOURCE);
    // Aligned down to 0: the kernel's own state.
    expect(plugin.callSync('store_u64', words(80n, 0n)).bytes).toHaveLength(0);
    expect(plugin.callSync('store_u64', words(2n ** 64n - 1n, 0n)).bytes).toHaveLength(0);
  });
});

describe('a hostile plugin with WASI', () => {
  it('that asks its system for much, again and again, ends in its time', async () => {
    const source = `(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 64)
      (func (export "run") (loop $again
        (drop (call $random (i32.const 0) (i32.const 4194304))) (br $again)))
      (func (export "catching") (loop $again
        (try (do (drop (call $random (i32.const 0) (i32.const 4194304)))) (catch_all)) (br $again)))
      (func (export "ok")))`;
    const plugin = await openWat(source, { metered: true, wasi: {} });
    for (const name of ['run', 'catching']) {
      const error = await failureOf(() => plugin.callSync(name, '', { timeoutMs: 20 }));
      expect([error.code, error.message]).toEqual(['timeout', 'the call took longer than 20 ms']);
      plugin.callSync('ok');
    }
  });

  it('that catches its own exit has exited all the same', { timeout: PATIENCE }, async () => {
    const source = `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "run") (loop $again (try (do (call $exit (i32.const 3))) (catch_all)) (br $again)))
      (func (export "once") (try (do (call $exit (i32.const 3))) (catch_all)))
      (func (export "ok")))`;
    const plugin = await openWat(source, { metered: true, wasi: {}, limits: { fuel: 100_000 } });
    for (let round = 0; round < ROUNDS; round++) {
      expect((await failureOf(() => plugin.callSync('run'))).code).toBe('limit');
      expect((await failureOf(() => plugin.callSync('once'))).message).toBe('Returned non-zero exit code: 3');
      plugin.callSync('ok');
    }
  });

  it('that is given up while it is suspended holds no directory open', { timeout: PATIENCE }, async () => {
    const source = `(module (import "app" "wait" (func $wait))
      (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
      (memory (export "memory") 1) (func (export "run") (call $wait)))`;
    const folder = mkdtempSync(join(tmpdir(), 'plugbay-'));
    const opened = (): number => openDescriptors(folder);
    const plugin = await openWat(source, {
      wasi: { directories: [{ host: folder, guest: '/' }] },
      functions: { app: { wait: async () => new Promise<void>(() => undefined) } },
    });
    expect(opened()).toBe(1);
    for (let round = 0; round < ROUNDS; round++) {
      const controller = new AbortController();
      const call = failureOf(() => plugin.call('run', '', { signal: controller.signal }));
      await null;
      expect(opened()).toBe(1);
      controller.abort();
      expect((await call).code).toBe('canceled');
      expect(opened()).toBe(0);
    }
    await plugin.close();
    rmSync(folder, { recursive: true });
  });
});
