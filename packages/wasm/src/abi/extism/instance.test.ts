import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { env, failureOf, openWat, PUT } from '../../../test/open.ts';
import { RETAINED_EXCHANGE_BYTES } from './instance.ts';

// Fails in every way, alone and together. The global counts what the instance remembers.
const FAILING = `(module
  ${env('alloc', 'free', 'store_u8', 'input_offset', 'input_length', 'output_set', 'error_set')}
  (memory 1) (data (i32.const 0) "broken")
  (global $count (mut i32) (i32.const 0))
  ${PUT}
  (func $error (call $error_set (call $put (i32.const 0) (i32.const 6))))
  (func (export "ok") (result i32) (i32.const 0))
  (func (export "none"))
  (func (export "code") (result i32) (i32.const -3))
  (func (export "error") (call $error))
  (func (export "trap") unreachable)
  (func (export "error_code") (result i32) (call $error) (i32.const 7))
  (func (export "error_trap") (call $error) unreachable)
  (func (export "error_cleared") (call $error) (call $error_set (i64.const 0)))
  (func (export "error_freed") (result i32)
    (local $block i64)
    (local.set $block (call $put (i32.const 0) (i32.const 6)))
    (call $error_set (local.get $block))
    (call $free (local.get $block))
    (i32.const 1))
  (func (export "error_empty") (call $error_set (i64.const 81)))
  (func (export "code_output") (result i32)
    (call $output_set (call $put (i32.const 0) (i32.const 6)) (i64.const 6)) (i32.const 1))
  (func $deep (call $deep) (call $deep))
  (func (export "overflow") (call $deep))
  (func (export "divide") (drop (i32.div_s (i32.const 1) (i32.load (i32.const 100)))))
  (func (export "out_of_bounds") (drop (i32.load (i32.const 70000))))
  (tag $tag) (func (export "throw") (throw $tag))
  (func (export "_start") (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func (export "count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
  (func (export "echo") (call $output_set (call $input_offset) (call $input_length))))`;

const open = () => openWat(FAILING);

describe('a call ends well', () => {
  it('with return code 0, or none at all', async () => {
    const plugin = await open();
    expect(plugin.callSync('ok')).toMatchObject({ bytes: new Uint8Array(0), stateLost: false });
    expect(plugin.callSync('none')).toMatchObject({ bytes: new Uint8Array(0), stateLost: false });
  });

  it('when its error was taken back, or is empty', async () => {
    const plugin = await open();
    expect(plugin.callSync('error_cleared').bytes).toHaveLength(0);
    expect(plugin.callSync('error_empty').bytes).toHaveLength(0);
  });
});

describe('a call fails', () => {
  it.each([
    ['error', 'plugin', 'broken', false],
    ['code', 'plugin', 'Returned non-zero exit code: -3', false],
    ['code_output', 'plugin', 'Returned non-zero exit code: 1', false],
    ['error_code', 'plugin', 'broken', false],
    ['error_freed', 'plugin', 'broken', false],
    ['error_trap', 'plugin', 'broken', true],
    ['trap', 'trap', 'the module trapped: unreachable', true],
    ['divide', 'trap', 'the module trapped: divide by zero', true],
    ['out_of_bounds', 'trap', 'the module trapped: memory access out of bounds', true],
    ['overflow', 'trap', 'the module ran out of stack: Maximum call stack size exceeded', true],
    ['throw', 'trap', 'the module threw an exception that nothing in it caught', true],
  ])('by %s with code %s and text %j; its state is lost: %s', async (name, code, message, stateLost) => {
    const plugin = await open();
    const error = await failureOf(() => plugin.callSync(name));
    expect(error).toBeInstanceOf(PlugbayError);
    expect(error).toMatchObject({
      code,
      message,
      stateLost,
      phase: 'call',
      plugin: 'sample',
      tenant: 'acme',
    });
    expect(plugin.callSync('echo', 'still there').text()).toBe('still there');
  });

  it('with the trap as cause of an error text', async () => {
    const plugin = await open();
    const error = await failureOf(() => plugin.callSync('error_trap'));
    expect((error.cause as Error).message).toBe('the module trapped: unreachable');
  });
});

describe('an instance', () => {
  const count = async (plugin: Awaited<ReturnType<typeof open>>): Promise<string> =>
    (await failureOf(() => plugin.callSync('count'))).message.replace('Returned non-zero exit code: ', '');

  it('keeps its memory from call to call, and after an error of the plugin', async () => {
    const plugin = await open();
    expect(await count(plugin)).toBe('1');
    await failureOf(() => plugin.callSync('error'));
    expect(await count(plugin)).toBe('2');
  });

  it.each(['trap', 'overflow', 'throw', 'error_trap'])('is replaced after %s', async (name) => {
    const plugin = await open();
    expect(await count(plugin)).toBe('1');
    await failureOf(() => plugin.callSync(name));
    expect(await count(plugin)).toBe('1');
  });

  it('is replaced after _start, and the answer says so', async () => {
    const plugin = await open();
    expect(await count(plugin)).toBe('1');
    expect(plugin.callSync('_start').stateLost).toBe(true);
    expect(await count(plugin)).toBe('1');
  });

  it('is replaced once its exchange memory grew beyond what it may keep, and the answer says so', async () => {
    const plugin = await open();
    const input = new Uint8Array(RETAINED_EXCHANGE_BYTES - 65_536).fill(7);
    expect(plugin.callSync('echo', input)).toMatchObject({ bytes: input, stateLost: false });
    expect(await count(plugin)).toBe('1');
    const larger = new Uint8Array(RETAINED_EXCHANGE_BYTES).fill(8);
    expect(plugin.callSync('echo', larger)).toMatchObject({ bytes: larger, stateLost: true });
    expect(await count(plugin)).toBe('1');
  });
});

describe('limits', () => {
  it('hold for the input, before the guest runs', async () => {
    const plugin = await openWat(FAILING, { limits: { inputBytes: 3 } });
    const error = await failureOf(() => plugin.callSync('trap', 'four'));
    expect([error.code, error.message, error.stateLost]).toEqual([
      'limit',
      'the input has 4 bytes; inputBytes is 3',
      false,
    ]);
  });

  it('hold for the output, and the instance stays', async () => {
    const plugin = await openWat(FAILING, { limits: { outputBytes: 3 } });
    const error = await failureOf(() => plugin.callSync('echo', 'four'));
    expect([error.code, error.message, error.stateLost]).toEqual([
      'limit',
      'the output has 4 bytes; outputBytes is 3',
      false,
    ]);
    expect(plugin.callSync('echo', 'six').text()).toBe('six');
  });

  it('hold for the exchange memory: what does not fit is null for the guest', async () => {
    const source = `(module ${env('alloc', 'length')}
      (func (export "most") (result i32) (i64.eqz (call $alloc (i64.const 984))))
      (func (export "more") (result i32) (i64.eqz (call $alloc (i64.const 985)))))`;
    const plugin = await openWat(source, { limits: { exchangeBytes: 1_000 } });
    expect(plugin.callSync('most').bytes).toHaveLength(0);
    expect((await failureOf(() => plugin.callSync('more'))).message).toBe('Returned non-zero exit code: 1');
  });

  it('hold for the memory of the module, exactly', async () => {
    const source = `(module (memory 1)
      (func (export "grow") (result i32) (memory.grow (i32.const 1))))`;
    const plugin = await openWat(source, { limits: { memoryPages: 3 } });
    const codes: string[] = [];
    for (let call = 0; call < 4; call++)
      codes.push((await failureOf(() => plugin.callSync('grow'))).message.slice(29));
    expect(codes).toEqual(['1', '2', '-1', '-1']);
    const error = await failureOf(() =>
      openWat('(module (memory 4) (func (export "run")))', { limits: { memoryPages: 3 } }),
    );
    expect([error.code, error.message]).toEqual([
      'limit',
      'the module starts with 4 pages of memory; memoryPages is 3',
    ]);
  });

  it('can ask for no exchange memory beyond what offsets reach', async () => {
    const error = await failureOf(() => openWat(FAILING, { limits: { exchangeBytes: 2 ** 31 } }));
    expect([error.code, error.message]).toEqual([
      'invalid',
      'exchangeBytes is 2147483648; it can be 2147352576 at most',
    ]);
    const plugin = await openWat(FAILING, { limits: { exchangeBytes: 2_147_352_576 } });
    expect(plugin.callSync('echo', 'x').text()).toBe('x');
  });
});
