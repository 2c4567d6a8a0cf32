// What every engine must do with a plugin of the ApiQube ABI, written once for all of them.
import { type HostReply, type OpenOptions, PlugbayError, type Plugin } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { doorTo, failureOf, keepingLogger } from '../open.ts';
import { ALLOCATE, apiqubeGuest, IMPORTS, plugin, REQUIRED } from './guest.ts';

/** Opens a module as plugin `sample` of tenant `acme`; without a door in `options`, nobody answers host calls. */
export type OpenPlugin = (bytes: Uint8Array, options?: Partial<OpenOptions>) => Promise<Plugin>;

const HTTP = 'apiqube.http_request';
const EVENT = 'apiqube.emit_event';

const ASKING_FOR_EVER = `${ALLOCATE} (func (export "execute") (param i64) (result i64)
  (loop $again (drop (call $http (i32.const 0) (i32.const 2))) (br $again)) (i64.const 0))`;

const reply = (text: string): HostReply => ({ bytes: Buffer.from(text) });

/** Defines the tests; each closes what it opens. */
export function apiqubeContract(engine: OpenPlugin): void {
  const open: OpenPlugin = async (bytes, options) => closing(await engine(bytes, options));
  const openGuest = async (options?: Partial<OpenOptions>) => open(await apiqubeGuest(), options);
  const openFields = async (fields: string, options?: Partial<OpenOptions>) =>
    open(await plugin(fields), options);
  const execute = async (opened: Plugin, input?: string | Uint8Array) =>
    (await opened.call('execute', input)).text();

  describe('a plugin of the ApiQube ABI', () => {
    it('is called by the names of its functions', async () => {
      const opened = await openGuest();
      expect([opened.info.abi, opened.info.exports]).toEqual([
        'apiqube',
        ['plugin_info', 'plugin_init', 'plugin_destroy', 'validate', 'execute', 'generate'],
      ]);
      expect((await opened.call('plugin_info')).json()).toMatchObject({ name: 'sample', version: '1.0.0' });
      expect(await execute(opened, 'echo grüße')).toBe('grüße');
      expect(await execute(opened, Buffer.from('echo bytes'))).toBe('bytes');
      expect((await opened.call('generate', 'as it is')).text()).toBe('as it is');
      expect((await opened.call('plugin_destroy')).bytes).toHaveLength(0);
    });

    it('is given nothing for an empty input, and may answer nothing', async () => {
      const opened = await openGuest();
      const missing = [{ field: 'target', message: 'is required' }];
      expect((await opened.call('validate')).json()).toEqual(missing);
      expect((await opened.call('validate', '')).json()).toEqual(missing);
      expect((await opened.call('validate', '{}')).bytes).toHaveLength(0);
    });

    it('answers with bytes that are the caller’s own', async () => {
      const opened = await openGuest();
      const first = await opened.call('execute', 'echo first');
      await opened.call('plugin_destroy');
      await opened.call('execute', 'echo other');
      expect(first.text()).toBe('first');
    });

    it('serves calls one after the other in one instance', async () => {
      const opened = await openGuest();
      expect([await execute(opened, 'calls'), await execute(opened, 'calls')]).toEqual(['1', '2']);
      const both = await Promise.all([execute(opened, 'calls'), execute(opened, 'calls')]);
      expect(both).toEqual(['3', '4']);
    });

    it.each([
      ['nothing', 'not_found', 'the plugin exports no function "nothing"'],
      ['toString', 'not_found', 'the plugin exports no function "toString"'],
      ['memory', 'invalid', 'export "memory" is a memory, not a function'],
      ['allocate', 'invalid', 'export "allocate" is called by the host itself, not by name'],
      ['_initialize', 'invalid', 'export "_initialize" is called by the host itself, not by name'],
      ['execute', 'invalid', 'function "execute" has the type (i32) -> i64; it must be (i64) -> i64'],
      [
        'other',
        'invalid',
        'function "other" has the type () -> i32; it must be (i64) -> i64 or () -> i64 or () -> ()',
      ],
    ])('cannot be called as %s: %s', async (name, code, message) => {
      const opened = await openFields(`${ALLOCATE} (func (export "_initialize"))
        (func (export "execute") (param i32) (result i64) (i64.const 0))
        (func (export "other") (result i32) (i32.const 0))`);
      const error = await failureOf(() => opened.call(name));
      expect([error.code, error.message]).toEqual([code, message]);
    });
  });

  describe('a module that cannot be one', () => {
    it.each([
      [
        '(memory (export "memory") 1)',
        'the module does not export "plugin_info", a function of type () -> i64',
      ],
      [
        '(memory (export "memory") 1) (global (export "plugin_info") i32 (i32.const 0))',
        'export "plugin_info" is a global, not a function',
      ],
      [
        '(memory (export "memory") 1) (func (export "plugin_info") (result i32) (i32.const 0))',
        'function "plugin_info" has the type () -> i32; it must be () -> i64',
      ],
      [
        '(func (export "plugin_info") (result i64) (i64.const 0))',
        'the module does not export "memory", the module\'s memory',
      ],
      [
        `${REQUIRED} (func (export "_initialize") (param i32))`,
        'function "_initialize" has the type (i32) -> (); it must be () -> ()',
      ],
    ])('is refused: %s', async (fields, message) => {
      const bytes = await wat(`(module ${IMPORTS} ${fields})`);
      expect(await failureOf(() => open(bytes))).toMatchObject({ code: 'invalid', message });
    });

    it('is refused with the names of all that nobody provides', async () => {
      const bytes = await plugin(
        '',
        `(import "apiqube" "host_sleep" (func (param i32)))
         (import "apiqube" "host_now" (func (result i32)))
         (import "env" "abort" (func (param i32 i32 i32 i32)))`,
      );
      expect(await failureOf(() => open(bytes))).toMatchObject({
        code: 'invalid',
        message:
          'the module imports what nobody provides: apiqube host_sleep: (i32) -> (); ' +
          'apiqube host_now: () -> i32; env abort: (i32, i32, i32, i32) -> ()',
      });
    });

    it('is refused when it imports WASI that is not granted', async () => {
      const bytes = await plugin('', '(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))');
      expect(await failureOf(() => open(bytes))).toMatchObject({
        code: 'unsupported',
        message: 'the module imports WASI, which is not granted: sched_yield',
      });
      expect((await open(bytes, { wasi: {} })).has('plugin_info')).toBe(true);
    });

    it('uses WASI that is granted, over its own memory', async () => {
      const bytes = await plugin(
        `(func (export "execute") (param i64) (result i64)
          (i32.store8 (i32.const 100)
            (i32.add (i32.const 48) (call $sizes (i32.const 200) (i32.const 204))))
          (i32.store8 (i32.const 101) (i32.add (i32.const 48) (i32.load (i32.const 200))))
          (i64.const 0x6400000002))`,
        '(import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))',
      );
      // The error number, and how many arguments there are.
      expect(await execute(await open(bytes, { wasi: { args: ['a', 'b'] } }))).toBe('02');
    });
  });

  describe('the start of a plugin', () => {
    const STARTED = `(global $started (mut i64) (i64.const 0))
      (func $add (param i64) (global.set $started (i64.add (global.get $started) (local.get 0))))
      (func (export "started") (result i64) (local $at i32)
        (i64.store8 (i32.const 100) (i64.add (global.get $started) (i64.const 48)))
        (i64.or (i64.shl (i64.const 100) (i64.const 32)) (i64.const 1)))`;
    const REACTOR = '(func (export "_initialize") (call $add (i64.const 1)))';
    const COMMAND = '(func (export "_start") (call $add (i64.const 2)))';

    it.each([
      ['runs _initialize', REACTOR, '1'],
      ['runs _start where there is no _initialize', COMMAND, '2'],
      ['runs _initialize and not _start where there are both', COMMAND + REACTOR, '1'],
      ['runs nothing where there is neither', '', '0'],
    ])('%s', async (_, start, started) => {
      const opened = await openFields(STARTED + start);
      expect((await opened.call('started')).text()).toBe(started);
      expect((await opened.call('started')).text()).toBe(started);
    });

    it.each([
      [
        'exits',
        '(call $exit (i32.const 0))',
        'plugin',
        'the module exited with code 0 while it was starting',
      ],
      ['traps', 'unreachable', 'trap', 'the module trapped: unreachable'],
    ])('that %s is an error of opening it', async (_, body, code, message) => {
      const bytes = await plugin(
        `(func (export "_start") ${body})`,
        '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))',
      );
      expect(await failureOf(() => open(bytes, { wasi: {} }))).toMatchObject({ code, message });
    });
  });

  describe('a packed value', () => {
    const openAnswering = (value: string) =>
      openFields(`(func (export "execute") (param i64) (result i64) ${value})`);

    it.each([
      ['(i64.const 0)', ''],
      ['(i64.const 2)', '{}'],
      ['(i64.const 0xffffffff00000000)', ''],
      ['(i64.const 0xfffe00000001)', '\0'],
    ])('%s says %j', async (value, text) => {
      expect(await execute(await openAnswering(value))).toBe(text);
    });

    it.each([
      ['(i64.const 0x0000ffff00000002)', '2 bytes at 65535'],
      ['(i64.const 0x8000000000000001)', '1 bytes at 2147483648'],
      ['(i64.const 0xffffffff00000001)', '1 bytes at 4294967295'],
      ['(i64.const 0x00000001ffffffff)', '4294967295 bytes at 1'],
      ['(i64.const -1)', '4294967295 bytes at 4294967295'],
    ])('%s is outside of the memory', async (value, where) => {
      const error = await failureOf(async () => execute(await openAnswering(value)));
      expect([error.code, error.message]).toEqual([
        'trap',
        `execute answered with ${where}, outside of its memory`,
      ]);
    });

    it('may point beyond two gigabytes, both ways', async () => {
      const bytes = await wat(`(module (memory (export "memory") 32769)
        (func (export "plugin_info") (result i64) (i64.const 0))
        (func (export "allocate") (param $size i32) (result i64)
          (i64.or (i64.const 0x8000000000000000) (i64.extend_i32_u (local.get $size))))
        (func (export "execute") (param i64) (result i64) (local.get 0)))`);
      const opened = await open(bytes, { limits: { memoryPages: 32_769 } });
      expect(await execute(opened, 'far away')).toBe('far away');
    });
  });

  describe('allocate', () => {
    const ECHO = '(func (export "execute") (param i64) (result i64) (local.get 0))';
    const reserving = (body: string) =>
      `(func (export "allocate") (param $size i32) (result i64) ${body}) ${ECHO}`;

    it.each([
      ['(i64.const 0)', 'allocate(5) reserved 0 bytes instead'],
      ['(i64.const 4)', 'allocate(5) reserved 4 bytes instead'],
      ['(i64.const 0x0000fffc00000005)', 'allocate(5) reserved memory that is not there, at 65532'],
      ['(i64.const 0x8000000000000005)', 'allocate(5) reserved memory that is not there, at 2147483648'],
      ['unreachable', 'the module trapped: unreachable'],
    ])('that answers %s is a trap', async (body, message) => {
      const opened = await openFields(reserving(body));
      const error = await failureOf(() => execute(opened, 'input'));
      expect([error.code, error.message, error.stateLost]).toEqual(['trap', message, true]);
      expect(await execute(opened)).toBe('');
    });

    it('may grow the memory', async () => {
      const opened = await openFields(
        reserving(`(drop (memory.grow (i32.const 1)))
          (i64.or (i64.shl (i64.const 65536) (i64.const 32)) (i64.extend_i32_u (local.get $size)))`),
      );
      expect([await execute(opened, 'one'), await execute(opened, 'two')]).toEqual(['one', 'two']);
    });

    it.each([
      ['that is missing', ''],
      ['of another type', '(func (export "allocate") (param i64) (result i64) (local.get 0))'],
    ])('%s is missed only by those who hand something over', async (_, allocate) => {
      const opened = await openFields(ECHO + allocate);
      expect(await execute(opened)).toBe('');
      const error = await failureOf(() => execute(opened, 'x'));
      expect([error.code, error.message, error.stateLost]).toEqual([
        'invalid',
        'the plugin has no export "allocate" of type (i32) -> i64',
        false,
      ]);
    });
  });

  describe('plugin_init', () => {
    it('holds for instances that come later', async () => {
      const opened = await openGuest();
      expect((await opened.call('plugin_init', '{"color":"blue"}')).bytes).toHaveLength(0);
      expect(await execute(opened, 'config')).toBe('{"color":"blue"}');
      expect((await failureOf(() => execute(opened, 'trap'))).code).toBe('trap');
      expect(await execute(opened, 'config')).toBe('{"color":"blue"}');
      expect(await execute(opened, 'calls')).toBe('2');
      await opened.call('plugin_init');
      expect((await failureOf(() => execute(opened, 'trap'))).code).toBe('trap');
      expect(await execute(opened, 'config')).toBe('');
    });

    it('holds for instances that are suspended in turns', async () => {
      const door = doorTo({ [HTTP]: async () => reply('answer') }, [HTTP]);
      const opened = await openGuest({ door, pool: { stateless: true, instances: 3 } });
      await opened.call('plugin_init', 'blue');
      await Promise.all(['http 1', 'http 2', 'http 3'].map((input) => execute(opened, input)));
      const seen = await Promise.all(['config', 'config', 'config'].map((input) => execute(opened, input)));
      expect(seen).toEqual(['blue', 'blue', 'blue']);
    });

    it('holds after plugin_destroy', async () => {
      const opened = await openGuest();
      await opened.call('plugin_init', 'blue');
      await opened.call('plugin_destroy');
      expect(await execute(opened, 'config')).toBe('blue');
    });

    it('is kept within the limit of variables', async () => {
      const opened = await openGuest({ limits: { variableBytes: 80 } });
      await opened.call('plugin_init', 'blue');
      const error = await failureOf(() => opened.call('plugin_init', 'x'.repeat(22)));
      expect([error.code, error.message]).toEqual([
        'limit',
        'Variable store is full: 81 bytes, variableBytes is 80',
      ]);
      expect(await execute(opened, 'config')).toBe('blue');
    });

    it('holds as it was, whatever becomes of its input meanwhile', async () => {
      const door = doorTo({ [HTTP]: async () => reply('') }, [HTTP]);
      const opened = await openFields(
        `${ALLOCATE} (global $config (mut i64) (i64.const 0))
         (func (export "plugin_init") (param i64) (result i64)
           (drop (call $http (i32.const 0) (i32.const 2))) (global.set $config (local.get 0)) (i64.const 0))
         (func (export "execute") (param i64) (result i64) (global.get $config))
         (func (export "crash") unreachable)`,
        { door },
      );
      const input = Buffer.from('blue');
      const initialised = opened.call('plugin_init', input);
      input.fill('x');
      await initialised;
      expect((await failureOf(() => opened.call('crash'))).code).toBe('trap');
      expect(await execute(opened)).toBe('blue');
    });

    it('that fails is forgotten', async () => {
      const opened = await openFields(`${ALLOCATE}
        (func (export "plugin_init") (param i64) (result i64) unreachable)
        (func (export "execute") (param i64) (result i64) (i64.const 2))`);
      expect((await failureOf(() => opened.call('plugin_init', '{}'))).code).toBe('trap');
      expect(await execute(opened)).toBe('{}');
    });
  });

  describe('host_log', () => {
    const log = async (calls: string, options: Partial<OpenOptions> = {}) => {
      const logger = keepingLogger();
      const opened = await openFields(
        `(data (i32.const 16) "gr\\c3\\bcn") (func (export "execute") (param i64) (result i64) ${calls} (i64.const 0))`,
        { logger, ...options },
      );
      await opened.call('execute');
      return logger.lines.map(({ level, text }) => `${level}: ${text}`);
    };
    const line = (level: number, at = 0, length = 2) =>
      `(call $log (i32.const ${level}) (i32.const ${at}) (i32.const ${length}))`;

    it('writes to the plugin’s log', async () => {
      expect(await log([0, 1, 2, 3, 4, -1].map((level) => line(level)).join(''))).toEqual([
        'debug: {}',
        'info: {}',
        'warn: {}',
        'error: {}',
        'info: {}',
        'info: {}',
      ]);
    });

    it('writes nothing for no bytes and for bytes that are not there', async () => {
      expect(await log(line(1, 0, 0) + line(1, 65_535, 2) + line(1, -1, 1) + line(1, 1, -1))).toEqual([]);
    });

    it('keeps the limits of a log', async () => {
      expect(await log(line(1, 16, 5), { limits: { logLineBytes: 4 } })).toEqual(['info: gr\u00fc']);
      expect(await log(line(1).repeat(3), { limits: { logLines: 2 } })).toEqual([
        'info: {}',
        'info: {}',
        'warn: 1 log lines dropped: the call may write 2',
      ]);
    });
  });

  describe.each(['sync', 'async'] as const)('host_http_request that is answered %s', (mode) => {
    type Answer = Parameters<typeof doorTo>[0][string];
    const doorFor = (http: Answer) => {
      const answer: Answer = mode === 'sync' ? http : async (call) => http(call);
      return doorTo({ [HTTP]: answer }, mode === 'async' ? [HTTP] : []);
    };

    it('is a host call with the guest’s own request', async () => {
      const door = doorFor(({ payload }) => reply(`answer to ${Buffer.from(payload)}`));
      const opened = await openGuest({ door });
      expect(await execute(opened, 'http {"url":"http://x/"}')).toBe('answer to {"url":"http://x/"}');
      expect(await execute(opened, 'http ')).toBe('answer to ');
      const [{ link, namespace, operation } = { link: 'none' }] = door.calls;
      expect([link, namespace, operation]).toEqual(['', 'apiqube', 'http_request']);
    });

    it('answers with any number of bytes', async () => {
      const long = 'x'.repeat(300_000);
      const opened = await openGuest({ door: doorFor(() => reply(long)) });
      expect(await execute(opened, 'http')).toBe(long);
      const silent = await openGuest({ door: doorFor(() => reply('')) });
      expect(await execute(silent, 'http')).toBe('');
    });

    it('says in its answer what failed', async () => {
      const opened = await openGuest({ door: doorFor(() => ({ ...reply('none'), error: 'no route' })) });
      expect(JSON.parse(await execute(opened, 'http'))).toEqual({
        status: 0,
        duration_ms: 0,
        error: 'no route',
      });
      const silent = await openGuest({ door: doorFor(() => ({ ...reply(''), error: '' })) });
      expect(JSON.parse(await execute(silent, 'http')).error).toBe('the HTTP request failed');
      const verbose = await openGuest({ door: doorFor(() => ({ ...reply(''), error: 'x'.repeat(10_000) })) });
      expect(JSON.parse(await execute(verbose, 'http')).error).toBe('x'.repeat(4_096));
    });

    it('says in its answer that it was denied, and the plugin goes on', async () => {
      const opened = await openGuest({
        door: doorFor(() => {
          throw new PlugbayError('denied', 'policy "tests" has no http');
        }),
      });
      expect(JSON.parse(await execute(opened, 'http'))).toEqual({
        status: 0,
        duration_ms: 0,
        error: 'the http capability is not granted to this plugin: policy "tests" has no http',
      });
      expect(await execute(opened, 'calls')).toBe('2');
    });

    it('that fails on the host’s side fails the call, and the next call works', async () => {
      const opened = await openGuest({
        door: doorFor(() => {
          throw new Error('broken pipe');
        }),
      });
      const error = await failureOf(() => execute(opened, 'http'));
      expect([error.code, error.message]).toEqual([
        'internal',
        'host call apiqube.http_request: broken pipe',
      ]);
      expect(await execute(opened, 'echo on')).toBe('on');
    });

    it('that fails with an error of another kind than a denial fails the call with it', async () => {
      const opened = await openGuest({
        door: doorFor(() => {
          throw new PlugbayError('unavailable', 'the pool is empty');
        }),
      });
      expect(await failureOf(() => execute(opened, 'http'))).toMatchObject({
        code: 'unavailable',
        message: 'the pool is empty',
      });
    });

    it('that fails on the host’s side fails the call, although the guest catches it and answers', async () => {
      const opened = await openFields(
        `(func (export "execute") (param i64) (result i64)
          (try (do (drop (call $http (i32.const 0) (i32.const 2)))) (catch_all)) (i64.const 2))`,
        {
          door: doorFor(() => {
            throw new Error('broken pipe');
          }),
        },
      );
      const error = await failureOf(() => opened.call('execute'));
      expect([error.message, error.stateLost]).toEqual(['host call apiqube.http_request: broken pipe', true]);
    });

    it('ends the guest that exits, or fails for good, where it takes the answer', async () => {
      const bytes = await plugin(
        `(func (export "allocate") (param i32) (result i64) (call $exit (i32.const 3)) (i64.const 0))
         (func (export "execute") (param i64) (result i64)
           (drop (call $http (i32.const 0) (i32.const 2)))
           (call $log (i32.const 1) (i32.const 0) (i32.const 2)) (i64.const 2))`,
        `${IMPORTS} (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`,
      );
      const logger = keepingLogger();
      const opened = await open(bytes, { wasi: {}, logger, door: doorFor(() => reply('answer')) });
      expect(await failureOf(() => opened.call('execute'))).toMatchObject({
        code: 'plugin',
        message: 'the module exited with code 3 instead of returning from execute',
      });
      expect(logger.lines).toEqual([]);
    });

    // `execute` asks for what is at `span`, and answers with the address of the answer as text: `0` for none.
    const asking = (span: string, allocate: string) => `${allocate}
      (func (export "execute") (param i64) (result i64)
        (i64.store8 (i32.const 100) (i64.add (i64.const 48) (i64.extend_i32_u (i64.ne (i64.const 0) (call $http ${span})))))
        (i64.const 0x6400000001))`;

    it.each([
      ['bytes that are not there', '(i32.const 65535) (i32.const 2)', ALLOCATE],
      ['an address that is negative', '(i32.const -2) (i32.const 2)', ALLOCATE],
      ['a plugin without allocate', '(i32.const 0) (i32.const 2)', ''],
    ])('answers 0 to %s, and the instance goes on', async (_, span, allocate) => {
      const opened = await openFields(asking(span, allocate), { door: doorFor(() => reply('answer')) });
      const output = await opened.call('execute');
      expect([output.text(), output.stateLost]).toEqual(['0', false]);
    });

    it.each([
      ['lies about the length', '(i64.const 1)'],
      ['lies about the place', '(i64.const 0xffffffff00000006)'],
      ['crashes', 'unreachable'],
    ])('answers 0 when allocate %s, and the instance is given up', async (_, body) => {
      const allocate = `(func (export "allocate") (param i32) (result i64) ${body})`;
      const opened = await openFields(asking('(i32.const 0) (i32.const 2)', allocate), {
        door: doorFor(() => reply('answer')),
      });
      const output = await opened.call('execute');
      expect([output.text(), output.stateLost]).toEqual(['0', true]);
      expect((await opened.call('execute')).text()).toBe('0');
    });

    it('answers 0 when allocate asks again, without end', async () => {
      const allocate = `(func $allocate (export "allocate") (param i32) (result i64)
        (call $http (i32.const 0) (i32.const 2)))`;
      const opened = await openFields(asking('(i32.const 0) (i32.const 2)', allocate), {
        door: doorFor(() => reply('answer')),
        limits: { hostCalls: 50 },
      });
      const error = await failureOf(async () => {
        const output = await opened.call('execute');
        if (output.stateLost) throw new PlugbayError('trap', output.text());
      });
      // Where the guest can wait, what it calls meanwhile cannot: it is answered 0. Elsewhere it asks until it may not.
      expect(['the call made more than 50 host calls', '0']).toContain(error.message);
    });

    it('counts as a host call', async () => {
      const opened = await openFields(ASKING_FOR_EVER, {
        door: doorFor(() => reply('{}')),
        limits: { hostCalls: 3 },
      });
      const error = await failureOf(() => opened.call('execute'));
      expect([error.code, error.message]).toEqual(['limit', 'the call made more than 3 host calls']);
    });

    it('is answered in validate and plugin_init as well', async () => {
      const asks = (name: string) =>
        `(func (export "${name}") (param i64) (result i64) (call $http (i32.const 0) (i32.const 2)))`;
      const opened = await openFields(ALLOCATE + asks('validate') + asks('plugin_init'), {
        door: doorFor(({ payload }) => reply(`${Buffer.from(payload)}!`)),
      });
      expect((await opened.call('validate')).text()).toBe('{}!');
      expect((await opened.call('plugin_init')).text()).toBe('{}!');
    });
  });

  describe('a plugin without the http capability', () => {
    it('is told so, and goes on', async () => {
      const opened = await openGuest();
      expect(JSON.parse(await execute(opened, 'http {}'))).toEqual({
        status: 0,
        duration_ms: 0,
        error: 'the http capability is not granted to this plugin',
      });
      expect(await execute(opened, 'calls')).toBe('2');
    });

    it('pays for asking', async () => {
      const opened = await openFields(ASKING_FOR_EVER, { limits: { hostCalls: 3 } });
      const error = await failureOf(() => opened.call('execute'));
      expect([error.code, error.message]).toEqual(['limit', 'the call made more than 3 host calls']);
    });
  });

  describe.each([
    ['at once', []],
    ['later', [HTTP, EVENT]],
    ['later, and requests at once', [EVENT]],
  ])('events that are taken %s', (_, asynchronous) => {
    it('go out in order, as the guest wrote them', async () => {
      const seen: string[] = [];
      const take = (text: string): HostReply => {
        seen.push(text);
        return reply('ignored');
      };
      const answers = {
        [EVENT]: ({ payload }: { payload: Uint8Array }) =>
          asynchronous.length === 0
            ? take(`event:${Buffer.from(payload)}`)
            : new Promise<HostReply>((resolve) =>
                setImmediate(() => resolve(take(`event:${Buffer.from(payload)}`))),
              ),
        [HTTP]: ({ payload }: { payload: Uint8Array }) => take(`http:${Buffer.from(payload)}`),
      };
      const opened = await openGuest({ door: doorTo(answers, asynchronous) });
      await execute(opened, 'exchange {}');
      expect(seen).toEqual(['event:sent', 'http:{}', 'event:received']);
    });

    it('and are refused leave a line, and the plugin goes on', async () => {
      const logger = keepingLogger();
      const refusals = [
        (): HostReply => ({ ...reply(''), error: 'kind "x" is not declared' }),
        (): HostReply => {
          throw new PlugbayError('denied', 'no grant');
        },
      ];
      const door = doorTo({ [EVENT]: () => (refusals.shift() as () => HostReply)() }, asynchronous);
      const opened = await openGuest({ door, logger });
      expect([await execute(opened, 'event 1'), await execute(opened, 'event 2')]).toEqual(['', '']);
      expect(logger.lines.map(({ level, text }) => `${level}: ${text}`)).toEqual([
        'warn: an event was dropped: kind "x" is not declared',
        'warn: an event was dropped: the plugin may not emit events: no grant',
      ]);
    });
  });

  describe('an event that reaches nobody', () => {
    const emitting = (span: string) =>
      `(func (export "execute") (param i64) (result i64) (call $emit ${span}) (i64.const 0))`;

    it.each([
      ['(i32.const 0) (i32.const 2)', ['debug: an event was dropped: nobody takes events']],
      ['(i32.const 0) (i32.const 0)', []],
      [
        '(i32.const 65535) (i32.const 2)',
        ['warn: an event was dropped: 2 bytes at 65535 are outside of its memory'],
      ],
      [
        '(i32.const -1) (i32.const -1)',
        ['warn: an event was dropped: 4294967295 bytes at 4294967295 are outside of its memory'],
      ],
    ])('%s leaves %j', async (span, lines) => {
      const logger = keepingLogger();
      await (await openFields(emitting(span), { logger })).call('execute');
      expect(logger.lines.map(({ level, text }) => `${level}: ${text}`)).toEqual(lines);
    });
  });

  describe('limits', () => {
    it('hold for input and output', async () => {
      const opened = await openGuest({ limits: { inputBytes: 10, outputBytes: 3 } });
      expect(await execute(opened, 'echo 123')).toBe('123');
      const input = await failureOf(() => execute(opened, 'echo 123456'));
      expect([input.code, input.message, input.stateLost]).toEqual([
        'limit',
        'the input has 11 bytes; inputBytes is 10',
        false,
      ]);
      const output = await failureOf(() => execute(opened, 'echo 1234'));
      expect([output.code, output.message]).toEqual(['limit', 'the output has 4 bytes; outputBytes is 3']);
      expect(await execute(opened, 'calls')).toBe('3');
    });

    it('hold for memory: an instance that grew is replaced, and one that cannot grow crashes alone', async () => {
      const opened = await openGuest({ limits: { memoryPages: 34 } });
      const kilobytes = 'x'.repeat(100_000);
      const pages: number[] = [];
      for (let round = 0; round < 40; round++) {
        await execute(opened, `echo ${kilobytes}`);
        pages.push(Number(await execute(opened, 'pages')));
      }
      // It starts with 2, and is given up above 18.
      expect([Math.min(...pages) < 5, Math.max(...pages)]).toEqual([true, 18]);
      expect((await failureOf(() => execute(opened, 'x'.repeat(40 * 65_536)))).code).toBe('trap');
      expect(await execute(opened, 'calls')).toBe('1');
    });

    it('hold for work that is counted', async () => {
      const opened = await openGuest({ metered: true, limits: { fuel: 1_000_000 } });
      const error = await failureOf(() => execute(opened, 'spin'));
      expect([error.code, error.message]).toEqual([
        'limit',
        'plugin ran out of fuel: it had 1000000 units for one call',
      ]);
      const output = await opened.call('execute', 'echo on');
      expect([output.text(), (output.fuel as number) > 0]).toEqual(['on', true]);
      expect((await opened.call('execute', 'echo on')).fuel).toBe(output.fuel);
    });

    it('hold for bytes that the host copies, which are work as well', async () => {
      const bytes = await wat(`(module (memory (export "memory") 130) ${ALLOCATE}
        (func (export "plugin_info") (result i64) (i64.const 0))
        (func (export "execute") (param i64) (result i64) (i64.const 0)))`);
      const opened = await open(bytes, { metered: true, limits: { fuel: 1_000 } });
      expect(await execute(opened, 'x'.repeat(1_000))).toBe('');
      const error = await failureOf(() => execute(opened, 'x'.repeat(8_000_000)));
      expect([error.code, error.message]).toEqual([
        'limit',
        'plugin ran out of fuel: it had 1000 units for one call',
      ]);
    });

    it.each(['sync', 'async'])('hold for allocate that is called to take an answer, %s', async (mode) => {
      const door = doorTo({ [HTTP]: () => reply('answer') }, mode === 'async' ? [HTTP] : []);
      const opened = await openFields(
        `(func (export "allocate") (param i32) (result i64) (loop $again (br $again)) (i64.const 0))
         (func (export "execute") (param i64) (result i64) (call $http (i32.const 0) (i32.const 2)))`,
        { door, metered: true, limits: { fuel: 1_000_000 } },
      );
      expect((await failureOf(() => opened.call('execute'))).code).toBe('limit');
    });
  });

  describe('a plugin that ends badly', () => {
    it('traps, and the next call has a new instance', async () => {
      const opened = await openGuest();
      await execute(opened, 'calls');
      const error = await failureOf(() => execute(opened, 'trap'));
      expect([error.code, error.message, error.stateLost]).toEqual([
        'trap',
        'the module trapped: unreachable',
        true,
      ]);
      expect(await execute(opened, 'calls')).toBe('1');
    });

    it('exits, and the next call has a new instance', async () => {
      const bytes = await plugin(
        '(func (export "execute") (param i64) (result i64) (call $exit (i32.const 3)) (i64.const 2))',
        '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))',
      );
      const opened = await open(bytes, { wasi: {} });
      const error = await failureOf(() => opened.call('execute'));
      expect([error.code, error.message, error.stateLost]).toEqual([
        'plugin',
        'the module exited with code 3 instead of returning from execute',
        true,
      ]);
      expect((await opened.call('plugin_info')).text()).toBe('{}');
    });

    it('exits and catches that, and the next call has a new instance', async () => {
      const bytes = await plugin(
        `(func (export "execute") (param i64) (result i64)
          (try (do (call $exit (i32.const 4))) (catch_all)) (i64.const 2))`,
        '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))',
      );
      const opened = await open(bytes, { wasi: {} });
      const error = await failureOf(() => opened.call('execute'));
      expect([error.message, error.stateLost]).toEqual([
        'the module exited with code 4 instead of returning from execute',
        true,
      ]);
    });

    it('recurses, and the next call has a new instance', async () => {
      const opened = await openFields(`(func $down (export "execute") (param i64) (result i64)
        (i64.add (call $down (local.get 0)) (i64.const 1)))`);
      expect((await failureOf(() => opened.call('execute'))).code).toBe('trap');
      expect((await opened.call('plugin_info')).text()).toBe('{}');
    });
  });
}

// A test's plugins are closed when it is over, however it ends.
function closing(opened: Plugin): Plugin {
  onTestFinished(() => opened.close());
  return opened;
}
