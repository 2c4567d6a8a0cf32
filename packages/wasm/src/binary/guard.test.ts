import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { guardModule } from './guard.ts';
import { type GuardPolicy, INLINE_POLICY } from './policy.ts';

const guard = (bytes: Uint8Array, policy: Partial<GuardPolicy> = {}): unknown =>
  guardModule(bytes, { ...INLINE_POLICY, ...policy });

const repeat = (text: (index: number) => string, count: number): string =>
  Array.from({ length: count }, (_, index) => text(index)).join('');

// One module for each bound of which two are too many for a policy of one; values are at a bound's own unit.
const BOUNDS: [keyof GuardPolicy, string, number, string][] = [
  ['types', '(type (func)) (type (func (param i32)))', 1, 'the module has 2 types; at most 1 are let in'],
  [
    'typeSectionBytes',
    '(type (func (param i32 i32)))',
    5,
    'the module has 6 bytes of types; at most 5 are let in',
  ],
  [
    'imports',
    '(import "a" "b" (func)) (import "a" "c" (func))',
    1,
    'the module has 2 imports; at most 1 are let in',
  ],
  ['functions', '(func) (func)', 1, 'the module has 2 functions; at most 1 are let in'],
  ['bodyBytes', '(func) (func nop nop)', 3, 'the module has 4 bytes in one function; at most 3 are let in'],
  [
    'locals',
    '(func (local i32 i32)) (func (param i64) (local f64))',
    2,
    'the module has 3 locals; at most 2 are let in',
  ],
  ['tables', '(table 1 funcref) (table 1 funcref)', 1, 'the module has 2 tables; at most 1 are let in'],
  ['tableEntries', '(table 11 funcref)', 10, 'the module has 11 entries in one table; at most 10 are let in'],
  [
    'elementSegments',
    '(elem funcref) (elem funcref)',
    1,
    'the module has 2 element segments; at most 1 are let in',
  ],
  ['memories', '(memory 1) (memory 1)', 1, 'the module has 2 memories; at most 1 are let in'],
  [
    'globals',
    '(global i32 (i32.const 0)) (global i32 (i32.const 0))',
    1,
    'the module has 2 globals; at most 1 are let in',
  ],
  ['tags', '(tag) (tag)', 1, 'the module has 2 tags; at most 1 are let in'],
  ['exports', '(func (export "a") (export "b"))', 1, 'the module has 2 exports; at most 1 are let in'],
];

describe('the guard', () => {
  it.each(BOUNDS)('holds the bound of %s', async (bound, fields, value, message) => {
    const bytes = await wat(`(module ${fields})`);
    const error = await failureOf(() => guard(bytes, { [bound]: value }));
    expect([error.code, error.message]).toEqual(['limit', message]);
    expect(guard(bytes, { [bound]: value + 1 })).toBeDefined();
  });

  it('holds the bounds of the whole and of custom sections', async () => {
    const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0]);
    expect(() => guard(bytes, { bytes: 13 })).toThrow('the module has 14 bytes; at most 13 are let in');
    expect(() => guard(bytes, { customSections: 1 })).toThrow(
      'the module has 2 custom sections; at most 1 are let in',
    );
    expect(guard(bytes, { bytes: 14, customSections: 2 })).toBeDefined();
  });

  it('covers every bound that the policy has', () => {
    const numbers = Object.entries(INLINE_POLICY).filter(([, value]) => typeof value === 'number');
    const covered = ['bytes', 'customSections', ...BOUNDS.map(([bound]) => bound)];
    expect(covered.toSorted()).toEqual(numbers.map(([bound]) => bound).toSorted());
  });

  it('counts imported tables and memories, and the types of a recursion group', async () => {
    const tables = await wat('(module (import "a" "b" (table 1 funcref)) (table 1 funcref))');
    expect(() => guard(tables, { tables: 1 })).toThrow('the module has 2 tables; at most 1 are let in');
    const memories = await wat('(module (import "a" "b" (memory 1)) (memory 1))');
    expect(() => guard(memories)).toThrow('the module has 2 memories; at most 1 are let in');
    const large = await wat('(module (import "a" "b" (table 100001 funcref)))');
    expect(() => guard(large)).toThrow(
      'the module has 100001 entries in one table; at most 100000 are let in',
    );
    const group = Uint8Array.from([
      0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 9, 1, 0x4e, 2, 0x60, 0, 0, 0x60, 0, 0,
    ]);
    expect(() => guard(group, { types: 1 })).toThrow('the module has 2 types; at most 1 are let in');
  });

  it.each([
    ['(memory i64 1)', 'memory64', 'the module uses 64-bit addresses, which this engine does not let in'],
    [
      '(table i64 1 funcref)',
      'memory64',
      'the module uses 64-bit addresses, which this engine does not let in',
    ],
    [
      '(import "a" "b" (memory i64 1))',
      'memory64',
      'the module uses 64-bit addresses, which this engine does not let in',
    ],
    [
      '(memory 1 1 shared)',
      'sharedMemory',
      'the module uses a shared memory, which this engine does not let in',
    ],
    [
      '(type (struct (field i32)))',
      'gc',
      'the module uses garbage-collected types, which this engine does not let in',
    ],
    [
      '(type (array i32))',
      'gc',
      'the module uses garbage-collected types, which this engine does not let in',
    ],
  ] as const)('refuses %s unless the policy lets it in', async (field, permission, message) => {
    const bytes = await wat(`(module ${field})`);
    const error = await failureOf(() => guard(bytes));
    expect([error.code, error.message, error.hint === undefined]).toEqual(['unsupported', message, false]);
    expect(guard(bytes, { [permission]: true })).toBeDefined();
  });

  it('lets in exceptions, tail calls, SIMD and multiple values', async () => {
    const bytes = await wat(`(module
      (tag $e)
      (func $f (result i32 i32) (return_call $f))
      (func (param v128) (try_table (catch_all 0) (throw $e))))`);
    expect(guard(bytes)).toBeDefined();
  });

  it('lets in what needs no type of its own of garbage collection, because it allocates nothing', () => {
    // (func (drop (extern.convert_any (ref.i31 (i32.const 1)))) (drop (ref.test (ref null any) (ref.null none))))
    const bytes = Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 17, 1, 15, 0],
      ...[0x41, 1, 0xfb, 28, 0xfb, 27, 0x1a, 0xd0, 0x71, 0xfb, 21, 0x6e, 0x1a, 0x0b],
    ]);
    new WebAssembly.Module(bytes);
    expect(guard(bytes)).toBeDefined();
    // A structure, an array or a subtype in a group, wherever in it.
    for (const type of [
      [0x5f, 0],
      [0x5e, 0x7f, 0],
      [0x50, 0, 0x60, 0, 0],
    ]) {
      const group = [0x4e, 2, 0x60, 0, 0, ...type];
      const module = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, group.length + 1, 1, ...group]);
      new WebAssembly.Module(module);
      expect(() => guard(module)).toThrow('the module uses garbage-collected types');
    }
  });

  it('refuses a shared table and types that are shared', () => {
    const preamble = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    expect(() => guard(Uint8Array.from([...preamble, 4, 5, 1, 0x70, 3, 1, 2]))).toThrow('a shared memory');
    expect(() => guard(Uint8Array.from([...preamble, 1, 6, 1, 0x60, 1, 0x65, 0x70, 0]))).toThrow(
      'the module has the unknown value type 0x65',
    );
  });

  it('refuses a count before it reads the entries, of which there need not be any', () => {
    const preamble = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const millions = [0xff, 0xff, 0xff, 0x07];
    for (const id of [1, 2, 3, 4, 5, 6, 7, 9, 10, 13]) {
      const bytes = Uint8Array.from([...preamble, id, 4, ...millions]);
      expect(() => guard(bytes)).toThrow('the module has 16777215');
    }
  });

  it('refuses a module of many exports, as ends some versions of Node', async () => {
    const bytes = await wat(`(module (func ${repeat((index) => `(export "e${index}")`, 5_001)}))`);
    expect(() => guard(bytes)).toThrow('the module has 5001 exports; at most 5000 are let in');
  });
});
