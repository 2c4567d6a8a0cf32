import { PlugbayError } from '@plugbay/core';
import { describe, expect, it } from 'vitest';
import { ALL_ENV, env, failureOf, openWat, PUT } from '../../../test/open.ts';

// Answers with the value behind the input as a key, or with "none".
const lookup = (name: 'config_get' | 'var_get'): string => `
  (func (export "${name}")
    (local $value i64)
    (local.set $value (call $${name} (call $input_offset)))
    (if (i64.eqz (local.get $value))
      (then (call $output_set (call $put (i32.const 0) (i32.const 4)) (i64.const 4)))
      (else (call $output_set (local.get $value) (call $length (local.get $value))))))`;

// `set` reads "name=value" of one letter each; `unset` deletes the variable that the input names.
const STORE = `(module
  ${env('alloc', 'store_u8', 'input_offset', 'input_load_u8', 'length', 'output_set', 'config_get', 'var_get', 'var_set')}
  (memory 1) (data (i32.const 0) "none")
  ${PUT}
  ${lookup('config_get')}
  ${lookup('var_get')}
  (func $letter (param $at i64) (result i64)
    (i32.store8 (i32.const 100) (call $input_load_u8 (local.get $at)))
    (call $put (i32.const 100) (i32.const 1)))
  (func (export "set") (call $var_set (call $letter (i64.const 0)) (call $letter (i64.const 2))))
  (func (export "unset") (call $var_set (call $input_offset) (i64.const 0)))
  (func (export "big") (call $var_set (call $letter (i64.const 0)) (call $alloc (i64.const 1000))))
  (func (export "bad_config") (drop (call $config_get (i64.const 81))))
  (func (export "bad_key") (call $var_set (i64.const 81) (i64.const 0)))
  (func (export "bad_value") (call $var_set (call $letter (i64.const 0)) (i64.const 5)))
  (func (export "trap") (call $var_set (call $letter (i64.const 0)) (call $letter (i64.const 2))) unreachable))`;

describe('a module that imports everything the ABI defines', () => {
  it('opens, and everything has its type', async () => {
    const plugin = await openWat(`(module ${env(...ALL_ENV)} (func (export "run")))`);
    expect(plugin.callSync('run').bytes).toHaveLength(0);
  });
});

describe('configuration', () => {
  it('is read by key; what is absent is null, and so is what is empty', async () => {
    const plugin = await openWat(STORE, { config: { greeting: 'grüße', empty: '' } });
    const read = (key: string): string => plugin.callSync('config_get', key).text();
    expect([read('greeting'), read('other'), read('empty'), read('constructor')]).toEqual([
      'grüße',
      'none',
      'none',
      'none',
    ]);
  });

  it('is asked with null for the key that is empty', async () => {
    const plugin = await openWat(STORE, { config: { '': 'nothing' } });
    expect(plugin.callSync('config_get', '').text()).toBe('nothing');
  });

  it('is not looked up by what is no block, or is not UTF-8', async () => {
    const plugin = await openWat(STORE);
    const noBlock = await failureOf(() => plugin.callSync('bad_config'));
    expect([noBlock.code, noBlock.message]).toEqual([
      'trap',
      'config_get: 81 is not a block of the exchange memory',
    ]);
    const noText = await failureOf(() => plugin.callSync('config_get', Uint8Array.of(0xff)));
    expect([noText.code, noText.message]).toEqual(['invalid', 'config_get: 1 bytes are not UTF-8 text']);
  });

  it('is text', async () => {
    const error = await failureOf(() => openWat(STORE, { config: { retries: 3 as never } }));
    expect([error.code, error.message]).toEqual([
      'invalid',
      'configuration "retries" must be a string, not number',
    ]);
  });

  it('has to fit into the exchange memory', async () => {
    const plugin = await openWat(STORE, {
      config: { big: 'x'.repeat(2_000) },
      limits: { exchangeBytes: 1_000 },
    });
    const error = await failureOf(() => plugin.callSync('config_get', 'big'));
    expect([error.code, error.message]).toEqual([
      'limit',
      'the exchange memory has no room for 2000 bytes; exchangeBytes is 1000',
    ]);
  });
});

describe('variables', () => {
  it('are kept from call to call, replaced and deleted', async () => {
    const plugin = await openWat(STORE);
    const read = (): string => plugin.callSync('var_get', 'a').text();
    expect(read()).toBe('none');
    plugin.callSync('set', 'a=1');
    expect(read()).toBe('1');
    plugin.callSync('set', 'a=2');
    expect(read()).toBe('2');
    plugin.callSync('unset', 'a');
    expect(read()).toBe('none');
  });

  it('outlive the instance that set them, when it traps too', async () => {
    const plugin = await openWat(STORE);
    const error = await failureOf(() => plugin.callSync('trap', 'a=1'));
    expect([error.code, error.stateLost]).toEqual(['trap', true]);
    expect(plugin.callSync('var_get', 'a').text()).toBe('1');
  });

  it('are not those of another plugin of the same module', async () => {
    const [one, other] = [await openWat(STORE), await openWat(STORE)];
    one.callSync('set', 'a=1');
    expect(other.callSync('var_get', 'a').text()).toBe('none');
  });

  it('have a budget', async () => {
    const plugin = await openWat(STORE, { limits: { variableBytes: 1_000 } });
    plugin.callSync('set', 'a=1');
    const error = await failureOf(() => plugin.callSync('big', 'b'));
    expect(error).toBeInstanceOf(PlugbayError);
    expect([error.code, error.message]).toEqual([
      'limit',
      'Variable store is full: 1099 bytes, variableBytes is 1000',
    ]);
    expect(plugin.callSync('var_get', 'a').text()).toBe('1');
    expect(plugin.callSync('var_get', 'b').text()).toBe('none');
  });

  it('are not set by what is no block', async () => {
    const plugin = await openWat(STORE);
    expect((await failureOf(() => plugin.callSync('bad_key'))).message).toBe(
      'var_set: 81 is not a block of the exchange memory',
    );
    expect((await failureOf(() => plugin.callSync('bad_value', 'a'))).message).toBe(
      'var_set: 5 is not a block of the exchange memory',
    );
  });
});
