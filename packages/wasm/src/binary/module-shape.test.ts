import { isPlugbayError } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { checkGuard } from './guard.ts';
import { type ModuleShape, readModuleShape } from './module-shape.ts';
import { INLINE_POLICY } from './policy.ts';
import { signature } from './types.ts';

const shapeOf = async (source: string): Promise<ModuleShape> =>
  readModuleShape(await wat(source), INLINE_POLICY);
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const moduleOf = (...bytes: number[]): Uint8Array => Uint8Array.from([...PREAMBLE, ...bytes]);
const read = (bytes: Uint8Array): ModuleShape => readModuleShape(bytes, INLINE_POLICY);

// One of everything, so that no section goes unread.
const EVERYTHING = `(module
  (type $binary (func (param i32 i64) (result f64)))
  (import "env" "log" (func $log (param i64)))
  (import "env" "table" (table 1 8 funcref))
  (import "env" "global" (global (mut i64)))
  (import "env" "tag" (tag (param i32)))
  (tag $problem (param i32))
  (memory (export "memory") 2 9)
  (table 3 funcref)
  (table 1 externref)
  (global i32 (i32.const 7))
  (global f32 (f32.const 1))
  (func $two (export "two") (type $binary) (f64.const 0))
  (func $none (export "none") (try_table (catch_all 0)))
  (func (export "pair") (result i32 i32) (i32.const 1) (i32.const 2))
  (export "table" (table 1))
  (export "global" (global 1))
  (export "problem" (tag $problem))
  (start $none)
  (elem (table 1) (i32.const 0) func $two $none)
  (data (i32.const 0) "hello")
  (data "passive")
  (func (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 1))))`;

describe('the shape of a module', () => {
  it('says everything that it declares', async () => {
    const shape = await shapeOf(EVERYTHING);
    expect(
      shape.imports.map(({ module, name, kind, type }) => [module, name, kind, type && signature(type)]),
    ).toEqual([
      ['env', 'log', 'function', '(i64) -> ()'],
      ['env', 'table', 'table', undefined],
      ['env', 'global', 'global', undefined],
      ['env', 'tag', 'tag', undefined],
    ]);
    expect(shape.imports[1]!.limits).toEqual({ initial: 1, maximum: 8, shared: false, wide: false });
    expect(shape.exports.map(({ name, kind, type }) => [name, kind, type && signature(type)])).toEqual([
      ['memory', 'memory', undefined],
      ['two', 'function', '(i32, i64) -> f64'],
      ['none', 'function', '() -> ()'],
      ['pair', 'function', '() -> (i32, i32)'],
      ['table', 'table', undefined],
      ['global', 'global', undefined],
      ['problem', 'tag', undefined],
    ]);
    expect(shape.memories).toEqual([{ initial: 2, maximum: 9, shared: false, wide: false }]);
    expect(shape.tables.map(({ initial, maximum }) => [initial, maximum])).toEqual([
      [3, undefined],
      [1, undefined],
    ]);
    expect({ ...shape, sections: [], imports: [], exports: [], memories: [], tables: [] }).toMatchObject({
      functions: 4,
      globals: 2,
      tags: 1,
      elementSegments: 1,
      dataSegments: 2,
      largestBody: 12,
      locals: 0,
      start: true,
      gc: false,
      customSections: [],
      language: undefined,
    });
  });

  it('agrees with V8 about imports and exports', async () => {
    const bytes = await wat(EVERYTHING);
    const shape = read(bytes);
    const module = new WebAssembly.Module(bytes) as never;
    const { Module } = WebAssembly as unknown as {
      Module: { imports(module: never): object[]; exports(module: never): object[] };
    };
    expect(shape.imports.map(({ module, name, kind }) => ({ module, name, kind }))).toEqual(
      Module.imports(module),
    );
    expect(shape.exports.map(({ name, kind }) => ({ name, kind }))).toEqual(Module.exports(module));
  });

  it('is that of an empty module', () => {
    expect(read(moduleOf())).toEqual({
      bytes: 8,
      sections: [],
      types: 0,
      imports: [],
      exports: [],
      functions: 0,
      signatures: [],
      memories: [],
      tables: [],
      globals: 0,
      tags: 0,
      elementSegments: 0,
      dataSegments: 0,
      largestBody: 0,
      locals: 0,
      start: false,
      gc: false,
      customSections: [],
      language: undefined,
    });
  });

  it('knows 64-bit and shared memories, and 64-bit tables', async () => {
    expect((await shapeOf('(module (memory i64 1 2))')).memories).toEqual([
      { initial: 1, maximum: 2, shared: false, wide: true },
    ]);
    expect((await shapeOf('(module (memory 1 2 shared))')).memories).toEqual([
      { initial: 1, maximum: 2, shared: true, wide: false },
    ]);
    expect((await shapeOf('(module (table i64 1 2 funcref))')).tables).toMatchObject([
      { initial: 1, wide: true },
    ]);
  });

  it('knows structures, arrays, subtypes and recursion groups', async () => {
    expect((await shapeOf('(module (type (struct (field i32) (field (mut i64)))))')).gc).toBe(true);
    expect((await shapeOf('(module (type (array (mut i32))))')).gc).toBe(true);
    // (rec (type (sub (func))) (type (sub final 0 (func))) (type (struct (field (mut (ref null 0))) (field i8))))
    const group = [0x4e, 3, 0x50, 0, 0x60, 0, 0, 0x4f, 1, 0, 0x60, 0, 0, 0x5f, 2, 0x63, 0, 1, 0x78, 0];
    const shape = read(moduleOf(1, 1 + group.length, 1, ...group));
    expect([shape.types, shape.gc]).toEqual([3, true]);
    new WebAssembly.Module(moduleOf(1, 1 + group.length, 1, ...group));
  });

  it('does not take a recursion group of functions for garbage collection', () => {
    expect(read(moduleOf(1, 9, 1, 0x4e, 2, 0x60, 0, 0, 0x60, 0, 0))).toMatchObject({ types: 2, gc: false });
  });

  it('finds the end of a table that starts with another entry than null', async () => {
    // (table 1 2 funcref (ref.func 0)), (table 1 anyref (ref.i31 (i32.add (i32.const 300) (i32.const 1))))
    const tables = [
      0x40, 0, 0x70, 1, 1, 2, 0xd2, 0, 0x0b, 0x40, 0, 0x6e, 0, 1, 0x41, 0xac, 2, 0x41, 1, 0x6a, 0xfb, 0x1c,
      0x0b,
    ];
    const bytes = moduleOf(
      ...[1, 4, 1, 0x60, 0, 0],
      ...[3, 2, 1, 0],
      ...[4, 1 + tables.length, 2, ...tables],
      ...[10, 4, 1, 2, 0, 0x0b],
    );
    new WebAssembly.Module(bytes);
    expect(read(bytes).tables.map(({ initial, maximum }) => [initial, maximum])).toEqual([
      [1, 2],
      [1, undefined],
    ]);
    const odd = bytes.map((byte) => (byte === 0x6a ? 0xff : byte));
    expect(() => read(odd)).toThrow('the module has the unknown instruction 0xff at byte');
  });

  it('names its custom sections and the language that its producers section names', async () => {
    const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
    const producers = [
      ...text('producers'),
      2,
      ...text('processed-by'),
      1,
      ...text('lld'),
      ...text('19'),
      ...text('language'),
      2,
      ...text('Rust'),
      ...text('2024'),
      ...text('C11'),
      ...text(''),
    ];
    const bytes = moduleOf(0, 5, ...text('name'), 0, producers.length, ...producers);
    expect(read(bytes)).toMatchObject({
      customSections: [
        { name: 'name', bytes: 5 },
        { name: 'producers', bytes: producers.length },
      ],
      language: 'Rust',
    });
    const broken = bytes.slice(0, -1);
    broken[16] = producers.length - 1;
    expect(read(broken)).toMatchObject({ language: 'Rust' });
    const shorter = [...text('producers'), 5];
    expect(read(moduleOf(0, shorter.length, ...shorter))).toMatchObject({ language: undefined });
  });
});

describe('bytes that are no module', () => {
  it.each([
    ['nothing', [], 'invalid', '0 bytes are not a WebAssembly module'],
    ['text', [...Buffer.from('(module)')], 'invalid', '8 bytes are not a WebAssembly module'],
    ['half a preamble', PREAMBLE.slice(0, 6), 'invalid', 'the module ends early at byte 6'],
    ['version 2', [0, 0x61, 0x73, 0x6d, 2, 0, 0, 0], 'unsupported', 'the module has version 2, not 1'],
    [
      'a component',
      [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0],
      'unsupported',
      'the bytes are a WebAssembly component; only core modules are taken',
    ],
    [
      'an unknown section',
      [...PREAMBLE, 14, 0],
      'unsupported',
      'the module has an unknown section 14 at byte 8',
    ],
    ['a section that ends early', [...PREAMBLE, 1, 5, 0], 'invalid', 'the module ends early at byte 11'],
    [
      'two memory sections',
      [...PREAMBLE, 5, 3, 1, 0, 1, 5, 3, 1, 0, 1],
      'invalid',
      'the module has section 5 twice or out of order at byte 13',
    ],
    [
      'a memory before a table',
      [...PREAMBLE, 5, 3, 1, 0, 1, 4, 1, 0],
      'invalid',
      'the module has section 4 twice or out of order at byte 13',
    ],
    [
      'bytes after its memories',
      [...PREAMBLE, 5, 4, 1, 0, 1, 9],
      'invalid',
      'the module has 1 bytes too many in its section 5 at byte 13',
    ],
    [
      'a memory of 65537 pages',
      [...PREAMBLE, 5, 5, 1, 0, 0x81, 0x80, 0x04],
      'invalid',
      'the module has a memory beyond 4 GiB at byte 15',
    ],
    [
      'a memory that may grow to 65537',
      [...PREAMBLE, 5, 6, 1, 1, 1, 0x81, 0x80, 0x04],
      'invalid',
      'the module has a memory beyond 4 GiB at byte 16',
    ],
    [
      'unknown limit flags',
      [...PREAMBLE, 5, 3, 1, 8, 1],
      'invalid',
      'the module has unknown limit flags 8 at byte 11',
    ],
    [
      'an unknown value type',
      [...PREAMBLE, 1, 5, 1, 0x60, 1, 0x11, 0],
      'invalid',
      'the module has the unknown value type 0x11 at byte 13',
    ],
    [
      'an unknown type form',
      [...PREAMBLE, 1, 2, 1, 0x61],
      'invalid',
      'the module has the unknown type form 0x61 at byte 11',
    ],
    [
      'a function without a type',
      [...PREAMBLE, 3, 2, 1, 0],
      'invalid',
      'the module refers to function or type 0, which it does not have, at byte 12',
    ],
    [
      'an unknown kind of export',
      [...PREAMBLE, 7, 4, 1, 0, 9, 0],
      'invalid',
      'the module has the unknown kind 9 of import or export at byte 12',
    ],
  ] as const)('are refused: %s', async (_, bytes, code, message) => {
    const error = await failureOf(() => read(Uint8Array.from(bytes)));
    expect([error.code, error.message]).toEqual([code, message]);
  });

  it('end in a PlugbayError, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void attempt(moduleOf(...bytes))),
      {
        numRuns: 2_000,
      },
    );
  });

  it('end in a PlugbayError or a shape when they are a module with bytes changed', async () => {
    const whole = await wat(EVERYTHING);
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (edits, cut) => {
        const bytes = whole.slice(0, cut === 0 ? undefined : cut);
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        attempt(bytes);
      }),
      { numRuns: 5_000 },
    );
  });
});

function attempt(bytes: Uint8Array): void {
  try {
    checkGuard(read(bytes), INLINE_POLICY);
  } catch (error) {
    if (!isPlugbayError(error) || !['invalid', 'limit', 'unsupported'].includes(error.code)) throw error;
  }
}
