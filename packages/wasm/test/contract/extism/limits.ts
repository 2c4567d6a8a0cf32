// Every limit is exact: what it allows works, and one more does not.
import type { OpenOptions } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { ERROR_TEXT_BYTES } from '../../../src/abi/error-text.ts';
import { env, failureOf, keepingLogger } from '../../open.ts';
import type { ContractEngine } from '../engine.ts';

// Asks for a block of as many bytes as its input says, and fails with 1 when it gets none.
const ASKING = `(module ${env('alloc', 'input_load_u64')}
  (func (export "run") (result i32) (i64.eqz (call $alloc (call $input_load_u64 (i64.const 0))))))`;
const ECHO = `(module ${env('input_offset', 'input_length', 'output_set')}
  (func (export "echo") (call $output_set (call $input_offset) (call $input_length))))`;
// Does one thing as often as its input has bytes.
const often = (
  imports: string,
  act: string,
  beside = '',
): string => `(module ${imports} ${env('input_length')} ${beside}
  (func (export "run") (local $left i64) (local.set $left (call $input_length))
    (loop $next (if (i64.ne (local.get $left) (i64.const 0)) (then ${act}
      (local.set $left (i64.sub (local.get $left) (i64.const 1))) (br $next))))))`;

// What a block takes beside its content.
const HEADER = 16;

/** Declares the tests. */
export function limitTests({ openWat, openBytes }: ContractEngine): void {
  describe('exchangeBytes', () => {
    it.each([1_000, 65_536, 1_000_000])('holds input and blocks together, to the byte: %i', async (limit) => {
      const plugin = await openWat(ASKING, { limits: { exchangeBytes: limit } });
      // The input is 8 bytes, behind a header of its own.
      const left = limit - (HEADER + 8) - HEADER;
      const asked = (bytes: number) => () =>
        plugin.call('run', new Uint8Array(BigUint64Array.of(BigInt(bytes)).buffer));
      for (let round = 0; round < 3; round++) {
        expect((await asked(left)()).bytes).toHaveLength(0);
        expect((await failureOf(asked(left + 1))).message).toBe('Returned non-zero exit code: 1');
      }
    });

    it('holds the input alone', async () => {
      const plugin = await openWat(ECHO, { limits: { exchangeBytes: 1_000 } });
      const most = 'x'.repeat(1_000 - HEADER);
      expect((await plugin.call('echo', most)).text()).toBe(most);
      const error = await failureOf(() => plugin.call('echo', `${most}x`));
      expect([error.code, error.message]).toEqual([
        'limit',
        'the exchange memory has no room for 985 bytes; exchangeBytes is 1000',
      ]);
    });
  });

  describe('inputBytes and outputBytes', () => {
    it('count bytes, not characters', async () => {
      const input = await openWat(ECHO, { limits: { inputBytes: 6 } });
      expect((await input.call('echo', 'ééé')).text()).toBe('ééé');
      expect((await failureOf(() => input.call('echo', 'éééx'))).message).toBe(
        'the input has 7 bytes; inputBytes is 6',
      );
      const output = await openWat(ECHO, { limits: { outputBytes: 6 } });
      expect((await output.call('echo', 'ééé')).text()).toBe('ééé');
      expect((await failureOf(() => output.call('echo', 'éééx'))).message).toBe(
        'the output has 7 bytes; outputBytes is 6',
      );
    });
  });

  describe('memoryPages', () => {
    it('holds all modules of a plugin together', async () => {
      const main = await wat(`(module (import "side" "grow" (func $grow (param i32) (result i32))) (memory 2)
        (func (export "both") (result i32)
          (i32.add (i32.mul (memory.grow (i32.const 1)) (i32.const 100)) (call $grow (i32.const 1)))))`);
      const side = `(module (memory 3) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`;
      const open = (memoryPages: number) => openBytes(main, { limits: { memoryPages } }, { side });
      const codes = async (memoryPages: number): Promise<string> =>
        (await failureOf(async () => (await open(memoryPages)).call('both'))).message;
      // The one that starts with most gets all the rest; growing fails with -1.
      expect(await codes(5)).toBe('Returned non-zero exit code: -101');
      expect(await codes(6)).toBe('Returned non-zero exit code: -97');
      expect(await codes(4)).toBe('the modules start with 5 pages of memory; memoryPages is 4');
    });

    it('holds a command that would be run by itself', async () => {
      const main = await wat(`(module (import "side" "down" (func $down (param i32)))
        (func (export "again") (param i32)
          (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "once") (call $down (i32.const 0)))
        (func (export "twice") (call $down (i32.const 1))))`);
      const side = `(module (import "main" "again" (func $again (param i32))) (memory 100)
        (func (export "_start")) (func (export "down") (param i32) (call $again (local.get 0))))`;
      const plugin = await openBytes(main, {}, { side });
      for (let round = 0; round < 3; round++) {
        expect((await plugin.call('once')).stateLost).toBe(false);
        const error = await failureOf(() => plugin.call('twice'));
        expect([error.code, error.message]).toEqual([
          'limit',
          'the command "side" is running: it cannot be called by itself',
        ]);
      }
    });
  });

  describe('hostCalls', () => {
    it.each([
      ['host functions', often('(import "app" "call" (func $call))', '(call $call)')],
      [
        'runs of a linked command',
        often('(import "side" "call" (func $call))', '(call $call)'),
        '(module (func (export "_start")) (func (export "call")))',
      ],
    ])('counts %s', async (_, source, side?: string) => {
      const plugin = await openBytes(
        await wat(source),
        { limits: { hostCalls: 10 }, functions: { app: { call: () => undefined } } },
        side === undefined ? {} : { side },
      );
      for (let round = 0; round < 3; round++) {
        expect((await plugin.call('run', 'x'.repeat(10))).bytes).toHaveLength(0);
        const error = await failureOf(() => plugin.call('run', 'x'.repeat(11)));
        expect([error.code, error.message]).toEqual(['limit', 'the call made more than 10 host calls']);
      }
    });
  });

  describe('logLines', () => {
    it('are written up to their number, and the rest is counted', async () => {
      const logger = keepingLogger();
      const plugin = await openWat(
        often(env('alloc', 'log_info'), '(call $log_info (call $alloc (i64.const 1)))'),
        {
          logger,
          limits: { logLines: 5 },
        },
      );
      await plugin.call('run', 'xxxxx');
      expect(logger.lines.map(({ level }) => level)).toEqual(['info', 'info', 'info', 'info', 'info']);
      logger.lines.length = 0;
      await plugin.call('run', 'xxxxxxxx');
      expect(logger.lines.map(({ level }) => level)).toEqual([
        'info',
        'info',
        'info',
        'info',
        'info',
        'warn',
      ]);
      expect(logger.lines.at(-1)?.text).toBe('3 log lines dropped: the call may write 5');
    });
  });

  describe('fuel', () => {
    // Hands over a block of 64,000 bytes in its way as often as its input has bytes.
    const moving = (name: string, act: string, options: Partial<OpenOptions> = {}) =>
      openWat(
        `(module (import "app" "send" (func $send (param i64) (result i64)))
          ${env('alloc', 'free', 'store_u8', 'var_get', 'var_set', 'config_get', 'input_length')}
          (func $key (result i64) (local $block i64)
            (local.set $block (call $alloc (i64.const 1))) (call $store_u8 (local.get $block) (i32.const 107))
            (local.get $block))
          (func (export "${name}") (local $left i64) (local $block i64)
            (local.set $block (call $alloc (i64.const 64000)))
            (call $var_set (call $key) (call $alloc (i64.const 64000)))
            (local.set $left (call $input_length))
            (loop $next (if (i64.ne (local.get $left) (i64.const 0)) (then ${act}
              (local.set $left (i64.sub (local.get $left) (i64.const 1))) (br $next))))))`,
        {
          metered: true,
          limits: { fuel: 20_000 },
          config: { k: 'x'.repeat(64_000) },
          functions: { app: { send: () => 0n } },
          ...options,
        },
      );

    it.each([
      ['a variable that is read', '(call $free (call $var_get (call $key)))'],
      ['configuration that is read', '(call $free (call $config_get (call $key)))'],
      [
        'a name',
        '(drop (call $var_get (local.get $block))) (local.set $block (call $alloc (i64.const 64000)))',
      ],
    ])('pays for what the host copies: %s', async (_, act) => {
      const plugin = await moving('run', act);
      expect((await plugin.call('run', 'x')).bytes).toHaveLength(0);
      expect((await failureOf(() => plugin.call('run', 'x'.repeat(200)))).message).toBe(
        'plugin ran out of fuel: it had 20000 units for one call',
      );
    });
  });

  describe('an error’s text', () => {
    it('is cut, so that it does not fill a log', async () => {
      const plugin = await openWat(`(module ${env('alloc', 'error_set', 'input_offset')}
        (func (export "run") (call $error_set (call $input_offset))))`);
      const whole = 'e'.repeat(ERROR_TEXT_BYTES);
      expect((await failureOf(() => plugin.call('run', whole))).message).toBe(whole);
      expect((await failureOf(() => plugin.call('run', `${whole}more`))).message).toBe(whole);
    });
  });
}
