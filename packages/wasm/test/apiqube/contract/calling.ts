// Calling a plugin, and what passes between it and its host.
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../open.ts';
import { ALLOCATE } from '../guest.ts';
import { execute, type Opening } from './open.ts';

/** Declares the tests. */
export function callingTests({ open, openGuest, openFields }: Opening): void {
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
}
