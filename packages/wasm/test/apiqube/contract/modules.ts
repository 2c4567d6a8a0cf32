// Modules that are no plugins, and how those that are start.
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { doorTo, failureOf } from '../../open.ts';
import { ALLOCATE, IMPORTS, plugin, REQUIRED } from '../guest.ts';
import { execute, HTTP, type Opening, reply } from './open.ts';

/** Declares the tests. */
export function moduleTests({ open, openGuest, openFields }: Opening): void {
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
}
