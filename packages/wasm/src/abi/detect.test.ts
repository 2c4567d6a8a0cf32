import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { failureOf, openWat } from '../../test/open.ts';
import { readModuleShape } from '../binary/module-shape.ts';
import { INLINE_POLICY } from '../binary/policy.ts';
import { detectAbi } from './detect.ts';

const abiOf = async (fields: string) =>
  detectAbi(readModuleShape(await wat(`(module ${fields})`), INLINE_POLICY));

describe('the ABI of a module', () => {
  it.each([
    ['extism', '(import "extism:host/env" "input_length" (func (result i64)))'],
    [
      'extism',
      '(import "extism:host/env" "input_length" (func (result i64))) (func (export "__guest_call"))',
    ],
    ['extism', '(func (export "run"))'],
    ['extism', '(func (export "run") (result i32) (i32.const 0))'],
    ['extism', '(import "kv" "get" (func (param i64) (result i64))) (func (export "run"))'],
    ['wapc', '(import "wapc" "__guest_request" (func (param i32 i32)))'],
    [
      'wapc',
      '(func (export "__guest_call") (param i32 i32) (result i32) (i32.const 0)) (func (export "wapc_init"))',
    ],
    ['apiqube', '(import "apiqube" "host_log" (func (param i32)))'],
    ['apiqube', '(func (export "plugin_info") (result i64) (i64.const 0)) (func (export "_initialize"))'],
    [undefined, ''],
    [undefined, '(func (export "add") (param i32 i32) (result i32) (i32.const 0))'],
    [undefined, '(func (export "long") (result i64) (i64.const 0))'],
    [undefined, '(memory (export "memory") 1)'],
  ])('is %s for %s', async (abi, fields) => {
    expect(await abiOf(fields)).toBe(abi);
  });

  it('is refused with what was found when it is not known', async () => {
    const error = await failureOf(() =>
      openWat(`(module (import "env" "a" (func)) (import "env" "b" (func)) (import "app" "c" (func))
        (memory (export "memory") 1) (func (export "add") (param i32)))`),
    );
    expect([error.code, error.message]).toEqual([
      'unsupported',
      'the module follows no known ABI: it imports from env, app and exports memory, add',
    ]);
    const empty = await failureOf(() => openWat('(module)'));
    expect(empty.message).toBe(
      'the module follows no known ABI: it imports from nothing and exports nothing',
    );
  });
});
