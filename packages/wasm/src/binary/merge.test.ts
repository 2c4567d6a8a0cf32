import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { type MergePlan, mergeModules } from './merge.ts';
import { readModuleShape } from './module-shape.ts';
import { OWN_POLICY } from './policy.ts';

const PLAN: MergePlan = {
  namespace: 'services',
  names: ['store', 'load', 'twice'],
  importsAs: 'reserved:host',
  exports: ['begin', 'seen'],
  exportPrefix: 'reserved:',
};

// Keeps what it is given in a memory that the host gives it, and tells the host.
const SECOND = `(module
  (import "host" "memory" (memory 1))
  (import "host" "told" (func $told (param i32)))
  (global $seen (mut i32) (i32.const 0))
  (func (export "store") (param i32 i64) (i64.store (local.get 0) (local.get 1)) (call $told (local.get 0)))
  (func (export "load") (param i32) (result i64) (i64.load (local.get 0)))
  (func $twice (export "twice") (param i32) (result i32)
    (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
    (i32.mul (local.get 0) (i32.const 2)))
  (func (export "begin") (param i32) (i32.store (i32.const 64) (local.get 0)))
  (export "seen" (global $seen))
  (func $start (i32.store (i32.const 128) (i32.const 77)))
  (start $start))`;

const FIRST = `(module
  (import "services" "store" (func $store (param i32 i64)))
  (import "app" "note" (func $note (param i32)))
  (import "services" "twice" (func $twice (param i32) (result i32)))
  (import "services" "load" (func $load (param i32) (result i64)))
  (import "services" "other" (func $other (result i32)))
  (type $unary (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (table funcref (elem $twice $own))
  (func $own (type $unary) (i32.add (local.get 0) (call $other)))
  (export "again" (func $twice))
  (func (export "run") (param i32) (result i64)
    (i32.store (i32.const 8) (i32.const 1))
    (call $store (i32.const 8) (i64.const 4294967299))
    (call $note (i32.load (i32.const 8)))
    (i64.add (call $load (i32.const 8))
      (i64.extend_i32_u (i32.add
        (call_indirect (type $unary) (local.get 0) (i32.const 0))
        (call_indirect (type $unary) (local.get 0) (i32.const 1))))))
  (func $start (call $note (i32.wrap_i64 (call $load (i32.const 128)))))
  (start $start))`;

interface Merged {
  readonly exports: Record<string, (...values: unknown[]) => unknown>;
  readonly memory: WebAssembly.Memory;
  readonly notes: string[];
}

async function shaped(
  source: string,
): Promise<{ bytes: Uint8Array; shape: ReturnType<typeof readModuleShape> }> {
  const bytes = await wat(source);
  return { bytes, shape: readModuleShape(bytes, OWN_POLICY) };
}

async function merge(first: string, plan: Partial<MergePlan> = {}, second = SECOND): Promise<Uint8Array> {
  return mergeModules(await shaped(first), await shaped(second), { ...PLAN, ...plan });
}

async function open(plan: Partial<MergePlan> = {}): Promise<Merged> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const notes: string[] = [];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(await merge(FIRST, plan)), {
    app: { note: (value: number) => notes.push(`note ${value}`) },
    services: { other: () => 5 },
    'reserved:host': { memory, told: (at: number) => notes.push(`told ${at}`) },
  });
  return { exports: exports as Merged['exports'], memory, notes };
}

describe('two modules as one', () => {
  it('call each other, and keep their memories apart', async () => {
    const { exports, memory, notes } = await open();
    expect(exports.run!(10)).toBe(4294967299n + 20n + 15n);
    expect(notes).toEqual(['note 77', 'told 8', 'note 1']);
    expect(new BigInt64Array(memory.buffer)[1]).toBe(4294967299n);
    const own = exports.memory as unknown as WebAssembly.Memory;
    expect(new Int32Array(own.buffer)[2]).toBe(1);
  });

  it('show the exports of the first, and those of the second that were chosen', async () => {
    const { exports, memory } = await open();
    expect(Object.keys(exports)).toEqual(['memory', 'again', 'run', 'reserved:begin', 'reserved:seen']);
    expect(exports.again!(21)).toBe(42);
    expect((exports['reserved:seen'] as unknown as WebAssembly.Global).value).toBe(1);
    exports['reserved:begin']!(9);
    expect(new Int32Array(memory.buffer)[16]).toBe(9);
  });

  it('import what is left of the first, then what the second imports', async () => {
    const module = new WebAssembly.Module(await merge(FIRST)) as never;
    const { Module } = WebAssembly as unknown as { Module: { imports(module: never): object[] } };
    expect(Module.imports(module)).toEqual([
      { module: 'app', name: 'note', kind: 'function' },
      { module: 'services', name: 'other', kind: 'function' },
      { module: 'reserved:host', name: 'memory', kind: 'memory' },
      { module: 'reserved:host', name: 'told', kind: 'function' },
    ]);
  });

  it('start in their order, or the first when it is called', async () => {
    expect((await open()).notes).toEqual(['note 77']);
    const { exports, notes } = await open({ startAs: 'reserved:start' });
    expect(notes).toEqual([]);
    exports['reserved:start']!();
    expect(notes).toEqual(['note 77']);
  });

  it.each([
    ['neither', false, false, undefined, []],
    ['the first', true, false, undefined, [1]],
    ['the second', false, true, undefined, [2]],
    ['both', true, true, undefined, [2, 1]],
    ['the first, later', true, false, 'reserved:start', []],
    ['both, the first later', true, true, 'reserved:start', [2]],
    ['the second, and nothing later', false, true, 'reserved:start', [2]],
  ])('run the start functions that they have: %s', async (_, first, second, startAs, ran) => {
    const source = (which: number, starts: boolean, module: string): string =>
      `(module (import "${module}" "note" (func $note (param i32)))
        (func $start (call $note (i32.const ${which}))) ${starts ? '(start $start)' : ''})`;
    const plan = startAs === undefined ? {} : { startAs };
    const bytes = await merge(source(1, first, 'app'), plan, source(2, second, 'host'));
    const notes: number[] = [];
    const note = (value: number): number => notes.push(value);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      app: { note },
      'reserved:host': { note },
    });
    expect(notes).toEqual(ran);
    expect(Object.keys(exports)).toEqual(startAs !== undefined && first ? ['reserved:start'] : []);
  });

  it('keep the caps for the first’s memory, and the second’s memory as it is', async () => {
    const grow = '(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))';
    const second = `(module (memory (export "own") 1) (func (export "begin") (drop (memory.grow (i32.const 50)))))`;
    const plan = { caps: { memoryPages: 3, tableEntries: 1 }, exports: ['begin', 'own'] };
    const bytes = await merge(`(module (memory 1) ${grow})`, plan, second);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
    const { grow: growing, 'reserved:begin': begin } = exports as Merged['exports'];
    expect([growing!(2), growing!(1)]).toEqual([1, -1]);
    begin!();
    expect((exports['reserved:own'] as WebAssembly.Memory).buffer.byteLength).toBe(51 * 65_536);
  });

  it('are as many segments of data as both have', async () => {
    const first = `(module (memory (export "memory") 1) (data (i32.const 0) "first") (data "passive"))`;
    const second = `(module (memory (export "begin") 1) (data (i32.const 0) "second") (data $d "more")
      (func $start (memory.init $d (i32.const 6) (i32.const 0) (i32.const 4))) (start $start))`;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(await merge(first, {}, second)), {});
    const text = (name: string, length: number): string =>
      Buffer.from((exports[name] as WebAssembly.Memory).buffer, 0, length).toString();
    expect([text('memory', 5), text('reserved:begin', 10)]).toEqual(['first', 'secondmore']);
  });

  it('have all types of both, however many there are', async () => {
    const parameters = (count: number): string => `(param ${'i32 '.repeat(count)})`;
    const first = `(module ${Array.from({ length: 70 }, (_, index) => `(type (func ${parameters(index)}))`).join(' ')})`;
    // The type of the block is written as a signed number.
    const second = `(module (func (export "begin") (param i32) (result i32)
      (local.get 0) (i32.const 5) (block (param i32 i32) (result i32) (i32.add))))`;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(await merge(first, {}, second)), {});
    expect((exports['reserved:begin'] as (value: number) => number)(4)).toBe(9);
  });

  it('have the names of the first when they are kept', async () => {
    const first = await shaped(FIRST);
    const names = [
      0,
      18,
      4,
      ...Buffer.from('name'),
      1,
      11,
      2,
      1,
      3,
      ...Buffer.from('tel'),
      5,
      3,
      ...Buffer.from('own'),
    ];
    const bytes = Uint8Array.from([...first.bytes, ...names]);
    const named = { bytes, shape: readModuleShape(bytes, OWN_POLICY) };
    const merged = mergeModules(named, await shaped(SECOND), { ...PLAN, keepNames: true });
    // Function 1 is the first import that is left; function 5 was the first's own first.
    expect(Buffer.from(merged).toString('latin1')).toContain('\x04name\x01\x0b\x02\x00\x03tel\x03\x03own');
  });
});

describe('modules that do not fit', () => {
  it.each([
    [
      'a wrong type',
      '(import "services" "load" (func (param i64) (result i64)))',
      'invalid',
      'the module imports services load as a function (i64) -> i64; it is a function (i32) -> i64',
    ],
    [
      'another kind',
      '(import "services" "twice" (memory 1))',
      'invalid',
      'the module imports services twice as a memory; it is a function (i32) -> i32',
    ],
    [
      'the reserved namespace',
      '(import "reserved:host" "anything" (func))',
      'invalid',
      'the module imports anything from reserved:host, which is reserved',
    ],
    [
      'a reserved export',
      '(memory (export "reserved:begin") 1)',
      'invalid',
      'the module exports reserved:begin, a name that is reserved',
    ],
  ])('are refused: %s', async (_, field, code, message) => {
    const error = await failureOf(() => merge(`(module ${field})`));
    expect([error.code, error.message]).toEqual([code, message]);
  });

  it('are refused when a name that is answered is no function of the second', async () => {
    const error = await failureOf(() =>
      merge('(module (import "services" "seen" (func)))', { names: ['seen'] }),
    );
    expect([error.code, error.message]).toEqual([
      'invalid',
      'the module imports services seen as a function () -> (); it is a global',
    ]);
  });

  it('leave imports alone that the second does not export', async () => {
    const bytes = await merge('(module (import "services" "nothing" (func)))', { names: ['nothing'] });
    const { imports } = readModuleShape(bytes, OWN_POLICY);
    expect(imports.map(({ module, name }) => `${module} ${name}`)).toContain('services nothing');
  });
});
