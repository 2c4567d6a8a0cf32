// What ends a call, and what becomes of its instance.
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { doorTo, failureOf } from '../../open.ts';
import { ALLOCATE, plugin } from '../guest.ts';
import { execute, HTTP, type Opening, reply } from './open.ts';

/** Declares the tests. */
export function limitTests({ open, openGuest, openFields }: Opening): void {
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
