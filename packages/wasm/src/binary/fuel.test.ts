import { wat } from '@plugbay/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { body, CORPUS, moduleOf, section, text } from '../../test/corpus.ts';
import { behaviourOf, isValid, operandsOf, stubs } from '../../test/edits.ts';
import { ENDLESS } from '../../test/endless.ts';
import { failureOf } from '../../test/open.ts';
import { FUEL_EXPORT } from './added-names.ts';

import { Cursor } from './cursor.ts';
import { editModule } from './edit.ts';
import { signed, unsigned } from './encode.ts';
import { entries } from './entries.ts';
import { type FuelOptions, meterModule } from './fuel.ts';
import { countsOf } from './layout.ts';
import { readModuleShape } from './module-shape.ts';
import { OWN_POLICY } from './policy.ts';
import { readRegions, UNIT_INSTRUCTIONS } from './regions.ts';
import { SECTION } from './sections.ts';

type Functions = Record<string, (...values: unknown[]) => unknown>;

interface Metered {
  readonly run: Functions;
  readonly fuel: { value: bigint };
}

function meter(bytes: Uint8Array, options: FuelOptions = {}): Uint8Array {
  return meterModule(bytes, readModuleShape(bytes, OWN_POLICY), options);
}

async function open(
  source: string | Uint8Array,
  options: FuelOptions = {},
  tick?: () => number,
): Promise<Metered> {
  const bytes = typeof source === 'string' ? await wat(`(module ${source})`) : source;
  const module = new WebAssembly.Module(meter(bytes, options));
  const { exports } = new WebAssembly.Instance(module, { ...stubs(), 'plugbay:host': { tick } });
  return { run: exports as Functions, fuel: exports[FUEL_EXPORT] as unknown as { value: bigint } };
}

// What calls cost: the fuel that is gone after each.
async function costs(source: string, calls: [name: string, ...values: unknown[]][]): Promise<bigint[]> {
  const { run, fuel } = await open(source);
  return calls.map(([name, ...values]) => {
    fuel.value = 1_000_000n;
    run[name]!(...values);
    return 1_000_000n - fuel.value;
  });
}

const TICK = { module: 'plugbay:host', name: 'tick' };
const LOOP =
  '(func (export "loop") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))';
const nops = (count: number): string => '(nop)'.repeat(count);

describe('a metered module', () => {
  it.each(ENDLESS)('ends with a trap and no fuel: $name', async ({ bytes, call }) => {
    const { run, fuel } = await open(await bytes());
    fuel.value = 100_000n;
    const error = await failureOf(() => run[call]!(1));
    expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
    expect([error.message, fuel.value < 0n]).toEqual(['unreachable', true]);
  });

  it('ends in its start function as well', async () => {
    const bytes = await wat('(module (func $s (loop (br 0))) (start $s))');
    const module = new WebAssembly.Module(meter(bytes, { initial: 1000n }));
    expect(() => new WebAssembly.Instance(module, {})).toThrow('unreachable');
  });

  it('has the fuel that it starts with', async () => {
    for (const initial of [0n, 63n, 64n, 10_000_000_000n, 2n ** 63n - 1n]) {
      const { fuel } = await open(LOOP, { initial });
      expect(fuel.value).toBe(initial);
    }
  });

  it('can go on once it is given fuel again', async () => {
    const { run, fuel } = await open(LOOP);
    expect(() => run.loop!(5)).toThrow('unreachable');
    fuel.value = 1000n;
    run.loop!(5);
    expect(fuel.value).toBe(995n);
  });

  it('does not run out as long as there is some left, and does with the next unit', async () => {
    const { run, fuel } = await open(LOOP);
    fuel.value = 5n;
    run.loop!(5);
    expect(fuel.value).toBe(0n);
    fuel.value = 4n;
    expect(() => run.loop!(5)).toThrow('unreachable');
    expect(fuel.value).toBe(-1n);
  });

  it.each([
    [
      'an export',
      '(func (export "plugbay:fuel"))',
      'the module exports plugbay:fuel, a name that is reserved',
    ],
    [
      'an import',
      '(import "plugbay:host" "tick" (func))',
      'the module imports plugbay:host tick, a name that is reserved',
    ],
  ])('is refused when it has %s of a reserved name', async (_, field, message) => {
    const bytes = await wat(`(module ${field})`);
    const error = await failureOf(() => meter(bytes, { tick: TICK }));
    expect([error.code, error.message]).toEqual(['invalid', message]);
  });

  it('keeps its names when it is told to, as the indices are then', async () => {
    const names = (first: number, second: number): number[] =>
      section(0, ...text('name'), ...section(1, 2, first, ...text('first'), second, ...text('second')));
    const plain = await wat('(module (import "a" "b" (func)) (func (loop)))');
    const named = Uint8Array.from([...plain, ...names(0, 1)]);
    const kept = meter(named, { tick: TICK, custom: 'name' });
    // Between the import and the function there is the tick.
    expect([...kept.subarray(-names(0, 2).length)]).toEqual(names(0, 2));
    expect(Buffer.from(meter(named, { tick: TICK })).toString('latin1')).not.toContain('first');
  });

  it('tells V8 which branches are unlikely', async () => {
    const bytes = meter(
      await wat(`(module (import "a" "b" (func)) (func) ${LOOP} (func (export "two") (loop (loop))))`),
    );
    const { sections } = readModuleShape(bytes, OWN_POLICY);
    const hints = new Cursor(bytes, sections[sections.findIndex(({ id }) => id === SECTION.code) - 1]!.start);
    const code = new Cursor(bytes, sections.find(({ id }) => id === SECTION.code)!.start);
    const bodies = Array.from({ length: code.u32() }, () => code.part(code.u32()).offset);
    expect(hints.name()).toBe('metadata.code.branch_hint');
    const hinted: number[][] = [];
    for (let functions = hints.u32(); functions > 0; functions--) {
      const index = hints.u32();
      const found = [index];
      for (let left = hints.u32(); left > 0; left--) {
        found.push(bytes[bodies[index - 1]! + hints.u32()]!);
        expect([hints.byte(), hints.byte()]).toEqual([1, 0]);
      }
      hinted.push(found);
    }
    const IF = 0x04;
    expect(hinted).toEqual([
      [2, IF],
      [3, IF, IF],
    ]);
  });

  it('has a function of as many locals as V8 takes', async () => {
    const most = (count: number): Uint8Array =>
      moduleOf(
        section(1, 1, 0x60, 1, 0x7f, 0),
        section(3, 1, 0),
        section(7, 1, ...text('run'), 0, 0),
        section(10, 1, ...body([1, ...unsigned(count), 0x7e], 0x03, 0x40, 0x0c, 0, 0x0b)),
      );
    expect(isValid(most(50_000))).toBe(false);
    for (const count of [49_998, 49_999]) {
      const { run, fuel } = await open(most(count), { initial: 100n });
      expect(() => run.run!(1)).toThrow('unreachable');
      expect(fuel.value).toBe(-1n);
    }
  });

  it('is refused when a function becomes larger than V8 takes', async () => {
    const bytes = await wat(`(module (func ${'(loop)'.repeat(400_000)}))`);
    expect(isValid(bytes)).toBe(true);
    const error = await failureOf(() => meter(bytes));
    expect([error.code, error.message]).toEqual([
      'limit',
      'function 0 of the module has 10400037 bytes with the code that is put into it; V8 takes 7654321',
    ]);
  });
});

describe('what is charged', () => {
  it('is a unit for each turn of a loop, and nothing for a short call', async () => {
    expect(
      await costs(LOOP, [
        ['loop', 1],
        ['loop', 10],
        ['loop', 500],
      ]),
    ).toEqual([1n, 10n, 500n]);
  });

  it('is more for a turn of more than 32 instructions', async () => {
    const loop = (count: number): string =>
      `(func (export "run") (loop ${nops(count)} (br_if 0 (i32.const 0))))`;
    // The loop's own: br_if, its condition, end.
    expect(await costs(loop(29), [['run']])).toEqual([1n]);
    expect(await costs(loop(30), [['run']])).toEqual([2n]);
    expect(await costs(loop(320), [['run']])).toEqual([11n]);
  });

  it('is a unit for each call of a long function, and is added to a short one by whoever calls it', async () => {
    const callee = (count: number): string => `(func $callee ${nops(count)})
      (func (export "run") (param i32)
        (loop (call $callee) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`;
    expect(await costs(callee(10), [['run', 100]])).toEqual([100n]);
    expect(await costs(callee(31), [['run', 100]])).toEqual([200n]);
    // Two by itself, one for each turn of its caller.
    expect(await costs(callee(32), [['run', 100]])).toEqual([300n]);
  });

  it('is every function that calls itself, wherever the call is', async () => {
    const source = `
      (func $tree (export "tree") (param i32)
        (if (local.get 0) (then
          (call $tree (i32.sub (local.get 0) (i32.const 1)))
          (call $tree (i32.sub (local.get 0) (i32.const 1))))))
      (func $a (export "a") (param i32) (if (local.get 0) (then (call $b (i32.sub (local.get 0) (i32.const 1))))))
      (func $b (param i32) (call $a (local.get 0)))
      (func $c (export "c") (param i32) (loop (if (local.get 0) (then (call $c (i32.sub (local.get 0) (i32.const 1)))))))`;
    expect(
      await costs(source, [
        ['tree', 3],
        ['tree', 10],
        ['a', 9],
        ['c', 9],
      ]),
    ).toEqual([15n, 2047n, 10n, 10n]);
  });

  // Each leaves the loop in its sixth turn.
  it.each([
    ['its end', '(br_if $again (call $more))'],
    ['return', '(br_if $again (call $more)) (return)'],
    ['br', '(if (i32.eqz (call $more)) (then (br 2))) (br $again)'],
    ['br_if', '(br_if 1 (i32.eqz (call $more))) (br $again)'],
    ['br_table', '(br_table 0 1 (i32.eqz (call $more)))'],
    ['return_call', '(br_if $again (call $more)) (return_call $nothing)'],
    ['return_call_indirect', '(br_if $again (call $more)) (return_call_indirect $t (i32.const 0))'],
    ['throw', '(br_if $again (call $more)) (throw $e)'],
    ['throw_ref', '(br_if $again (call $more)) (throw_ref (global.get $exception))'],
  ])('is counted however a function is left: by %s', async (_, turn) => {
    const source = `(tag $e) (global $left (mut i32) (i32.const 6)) (global $exception (mut exnref) (ref.null exn))
      (table $t 2 funcref) (elem (i32.const 0) func $nothing)
      (func $nothing)
      (func $more (result i32)
        (global.set $left (i32.sub (global.get $left) (i32.const 1)))
        (global.get $left))
      (func $keep
        (block $caught (result exnref) (try_table (catch_all_ref $caught) (throw $e)) (return))
        (global.set $exception))
      (func $work (loop $again ${turn}))
      (func (export "run")
        (global.set $left (i32.const 6))
        (call $keep)
        (block $all (try_table (catch_all $all) (call $work))))`;
    // A call through a table is a unit more, and what is thrown a hundred.
    const thrown = turn.includes('(throw') ? 200n : 100n;
    expect(await costs(source, [['run']])).toEqual([thrown + (turn.includes('indirect') ? 12n : 6n)]);
  });

  it('is counted in the function that catches what another throws', async () => {
    const source = `(tag $e)
      (func $throw (param i32)
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (throw $e))
      (func (export "run") (param i32)
        (loop $again
          (try (do (call $throw (i32.const 10))) (catch $e))
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`;
    expect(await costs(source, [['run', 7]])).toEqual([777n]);
  });

  it('is counted when a short function that is called throws', async () => {
    const source = `(tag $e)
      (func $throw (throw $e))
      (func $through (call $throw))
      (func $work (param i32)
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (call $through))
      (func (export "run") (param i32)
        (loop $again
          (try (do (call $work (i32.const 10))) (catch $e))
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`;
    expect(await costs(source, [['run', 7]])).toEqual([777n]);
  });

  it('is an exception that is thrown, and not one that may be', async () => {
    const source = `(tag $e) (func (export "run") (param i32 i32)
      (loop $again
        (try (do (if (local.get 1) (then (throw $e)))) (catch $e (try (do (nop)) (catch_all))))
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "rethrow") (try (do (try (do (throw $e)) (catch $e (rethrow 0)))) (catch_all)))`;
    expect(await costs(source, [['run', 10, 0], ['run', 10, 1], ['rethrow']])).toEqual([10n, 1010n, 200n]);
  });

  it('is counted in and after calls that charge themselves', async () => {
    const source = `(type $f (func (param i32)))
      (table funcref (elem $spin))
      (func $spin (type $f) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "direct") (param i32)
        (loop (call $spin (i32.const 10)) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "table") (param i32)
        (loop
          (call_indirect (type $f) (i32.const 10) (i32.const 0))
          (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`;
    // A call through a table costs a unit more, because whatever it calls may not be charged itself.
    expect(
      await costs(source, [
        ['direct', 5],
        ['table', 5],
      ]),
    ).toEqual([55n, 60n]);
  });

  it('is what bulk operations move, by their length', async () => {
    const source = `
      (memory 10 20) (table $t 100 30000 funcref) (data $d "${'x'.repeat(1000)}") (elem $e funcref ${'(ref.null func)'.repeat(100)})
      (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
      (func (export "copy") (param i32) (memory.copy (i32.const 0) (i32.const 8) (local.get 0)))
      (func (export "init") (param i32) (memory.init $d (i32.const 0) (i32.const 0) (local.get 0)))
      (func (export "table.fill") (param i32) (table.fill $t (i32.const 0) (ref.null func) (local.get 0)))
      (func (export "table.copy") (param i32) (table.copy $t $t (i32.const 0) (i32.const 0) (local.get 0)))
      (func (export "table.init") (param i32) (table.init $t $e (i32.const 0) (i32.const 0) (local.get 0)))
      (func (export "table.grow") (param i32) (drop (table.grow $t (ref.null func) (local.get 0))))
      (func (export "grow") (param i32) (drop (memory.grow (local.get 0))))
      (func (export "short") (memory.fill (i32.const 0) (i32.const 1) (i32.const 63)) (memory.fill (i32.const 0) (i32.const 1) (i32.const 64)))
      (func (export "few") (table.fill $t (i32.const 0) (ref.null func) (i32.const 7)) (table.fill $t (i32.const 0) (ref.null func) (i32.const 8)))`;
    const cost = async (...call: [string, ...unknown[]]): Promise<bigint> =>
      (await costs(source, [call]))[0]!;
    expect(await cost('fill', 64_000)).toBe(1000n);
    expect(await cost('copy', 63)).toBe(0n);
    expect(await cost('copy', 128)).toBe(2n);
    expect(await cost('init', 1000)).toBe(15n);
    expect(await cost('table.fill', 80)).toBe(10n);
    expect(await cost('table.copy', 80)).toBe(10n);
    expect(await cost('table.init', 80)).toBe(10n);
    expect(await cost('table.grow', 8000)).toBe(1000n);
    expect(await cost('grow', 3)).toBe(3072n);
    // Beyond what any memory has, it fails at once.
    expect(await cost('grow', -1)).toBe(0n);
    // Two of them are longer than what is free.
    expect(await cost('short')).toBe(3n);
    expect(await cost('few')).toBe(3n);
  });

  it('is what 64-bit bulk operations move', async () => {
    const source = `
      (memory $w i64 10 20) (memory $n 1) (table $t i64 100 funcref)
      (func (export "fill") (param i64) (memory.fill $w (i64.const 0) (i32.const 1) (local.get 0)))
      (func (export "copy") (param i64) (memory.copy $w $w (i64.const 0) (i64.const 8) (local.get 0)))
      (func (export "mixed") (param i32) (memory.copy $w $n (i64.const 0) (i32.const 8) (local.get 0)))
      (func (export "table") (param i64) (table.fill $t (i64.const 0) (ref.null func) (local.get 0)))
      (func (export "grow") (param i64) (drop (memory.grow $w (local.get 0))))`;
    const calls: [string, unknown][] = [
      ['fill', 6400n],
      ['copy', 640n],
      ['mixed', 640],
      ['table', 80n],
      ['grow', 2n],
      ['grow', -1n],
    ];
    expect(await costs(source, calls)).toEqual([100n, 10n, 10n, 10n, 2048n, 0n]);
    const { run, fuel } = await open(source);
    fuel.value = 1000n;
    expect(() => run.fill!(-1n)).toThrow('memory access out of bounds');
    expect(fuel.value).toBe(1000n);
  });

  it('is what is moved within arrays that V8 collects', async () => {
    const LENGTH = [0x20, 0];
    const operations: [name: string, ...code: number[]][] = [
      ['array.new', 0x41, 7, ...LENGTH, 0xfb, 6, 0, 0x1a],
      ['array.new_default', ...LENGTH, 0xfb, 7, 0, 0x1a],
      ['array.new_data', 0x41, 0, ...LENGTH, 0xfb, 9, 0, 0, 0x1a],
      ['array.new_elem', 0x41, 0, ...LENGTH, 0xfb, 10, 1, 0, 0x1a],
      ['array.fill', 0x23, 0, 0x41, 0, 0x41, 1, ...LENGTH, 0xfb, 16, 0],
      ['array.copy', 0x23, 0, 0x41, 0, 0x23, 0, 0x41, 8, ...LENGTH, 0xfb, 17, 0, 0],
      ['array.init_data', 0x23, 0, 0x41, 0, 0x41, 0, ...LENGTH, 0xfb, 18, 0, 0],
      ['array.init_elem', 0x23, 1, 0x41, 0, 0x41, 0, ...LENGTH, 0xfb, 19, 1, 0],
    ];
    const bytes = moduleOf(
      section(1, 3, 0x5e, 0x78, 1, 0x5e, 0x70, 1, 0x60, 1, 0x7f, 0),
      section(3, operations.length, ...operations.map(() => 2)),
      section(6, 2, 0x64, 0, 0, 0x41, 0xe4, 0, 0xfb, 7, 0, 0x0b, 0x64, 1, 0, 0x41, 0xe4, 0, 0xfb, 7, 1, 0x0b),
      section(7, operations.length, ...operations.flatMap(([name], place) => [...text(name), 0, place])),
      section(9, 1, 1, 0, 100, ...Array(100).fill(0)),
      section(12, 1),
      section(10, operations.length, ...operations.flatMap(([, ...code]) => body([0], ...code))),
      section(11, 1, 1, ...text('x'.repeat(100))),
    );
    const { run, fuel } = await open(bytes);
    const charged = operations.map(([name]) => {
      fuel.value = 1000n;
      run[name]!(80);
      return [name, 1000n - fuel.value];
    });
    expect(charged).toEqual(operations.map(([name]) => [name, 10n]));
  });

  it('is every function that calls what it imports', async () => {
    const source =
      '(import "host" "neg" (func $neg (param i32) (result i32))) (func (export "run") (drop (call $neg (i32.const 1))))';
    expect(await costs(source, [['run']])).toEqual([1n]);
  });

  it('is told apart by loop, whatever blocks there are in it', async () => {
    const source = `(func (export "run") (param i32)
      (loop $again
        (try (do (try (do (nop)) (delegate 0))) (catch_all))
        (block (if (local.get 0) (then (nop)) (else (nop))))
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      ${nops(100)})`;
    expect(
      await costs(source, [
        ['run', 1],
        ['run', 5],
      ]),
    ).toEqual([5n, 9n]);
  });

  it('is counted in what short functions call', async () => {
    const source = `(memory 1)
      (func $spin (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func $through (call $spin (i32.const 10)))
      (func $fill (memory.fill (i32.const 0) (i32.const 0) (i32.const 640)))
      (func (export "through") (param i32)
        (loop (call $through) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "fill") (param i32)
        (loop (call $fill) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`;
    expect(
      await costs(source, [
        ['through', 5],
        ['fill', 5],
      ]),
    ).toEqual([55n, 55n]);
  });

  it('stops a bulk operation before it runs', async () => {
    const { run, fuel } = await open(
      '(memory (export "memory") 10) (func (export "fill") (memory.fill (i32.const 0) (i32.const 7) (i32.const 640000)))',
    );
    fuel.value = 9_999n;
    expect(() => run.fill!()).toThrow('unreachable');
    const { buffer } = run.memory as unknown as { buffer: ArrayBuffer };
    expect(new Uint8Array(buffer)[0]).toBe(0);
    fuel.value = 10_000n;
    run.fill!();
    expect([fuel.value, new Uint8Array(buffer)[0]]).toEqual([0n, 7]);
  });

  it('does not take the length of a call for a constant before it', async () => {
    const source = `(memory 10) (func $length (result i32) (i32.const 6400))
      (func (export "run") (memory.fill (i32.const 0) (i32.const 3) (call $length)))`;
    expect(await costs(source, [['run']])).toEqual([100n]);
  });

  it('is only bulk operations in functions that are the host’s own', async () => {
    const source = `(memory 10) ${LOOP} (func (export "own") (param i32) (local i32)
      (local.set 1 (local.get 0))
      (loop (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
      (memory.fill (i32.const 0) (i32.const 0) (local.get 0)))`;
    const { run, fuel } = await open(source, { trusted: 1 });
    fuel.value = 1000n;
    run.loop!(10);
    run.own!(640);
    expect(fuel.value).toBe(980n);
  });
});

describe('a tick', () => {
  it('is asked for more fuel, which is added to what is owed', async () => {
    const asked: bigint[] = [];
    const metered: Metered = await open(LOOP, { tick: TICK }, () => {
      asked.push(metered.fuel.value);
      return 100;
    });
    metered.run.loop!(250);
    expect(asked).toEqual([-1n, -1n, -1n]);
    expect(metered.fuel.value).toBe(50n);
  });

  it('is asked again while the fuel is still below zero', async () => {
    let asked = 0;
    const { run, fuel } = await open(
      '(memory 10) (func (export "fill") (memory.fill (i32.const 0) (i32.const 7) (i32.const 640000)))',
      { tick: TICK },
      () => {
        asked += 1;
        return 3000;
      },
    );
    run.fill!();
    expect([asked, fuel.value]).toEqual([4, 2000n]);
  });

  it.each([0, -1, -2_147_483_648])('that gives %i ends the module, whatever it catches', async (given) => {
    const source = `(func (export "run")
      (loop $again (try (do (loop (br 0))) (catch_all)) (br $again)))`;
    const { run } = await open(source, { tick: TICK }, () => given);
    const error = await failureOf(() => run.run!());
    expect([error.constructor, error.message]).toEqual([WebAssembly.RuntimeError, 'unreachable']);
  });

  it('that throws ends a module that catches everything, because it is asked again at once', async () => {
    let asked = 0;
    const source = `(func (export "run")
      (loop $again (try (do (loop (br 0))) (catch_all)) (br $again)))`;
    const { run } = await open(source, { tick: TICK, initial: 10n }, () => {
      asked += 1;
      throw new RangeError('out of fuel');
    });
    await expect(failureOf(() => run.run!())).resolves.toBeInstanceOf(RangeError);
    expect(asked).toBe(2);
  });

  it('may call the module again', async () => {
    let depth = 0;
    const metered: Metered = await open(LOOP, { tick: TICK }, () => {
      depth += 1;
      if (depth === 1) {
        metered.fuel.value = 1000n;
        metered.run.loop!(600);
      }
      return 500;
    });
    metered.run.loop!(10);
    expect([depth, metered.fuel.value]).toEqual([1, 891n]);
  });
});

describe.each(CORPUS)('the module of $name', ({ bytes: read }) => {
  const CALLS = fc.array(
    fc.tuple(fc.nat(15), fc.array(fc.integer({ min: -40, max: 300 }), { minLength: 2, maxLength: 2 })),
    {
      minLength: 1,
      maxLength: 6,
    },
  );

  it('costs the same whenever it does the same, and never less than what it ran', async () => {
    const bytes = await read();
    const metered = meter(bytes, { initial: 1_000_000n });
    const counted = countInstructions(bytes);
    fc.assert(
      fc.property(CALLS, (calls) => {
        const fuel = used(metered, FUEL_EXPORT, calls);
        expect(used(metered, FUEL_EXPORT, calls)).toEqual(fuel);
        const instructions = used(counted, 'counted', calls);
        for (const [place, count] of instructions.entries())
          expect(count).toBeLessThanOrEqual((fuel[place]! + 1n) * BigInt(UNIT_INSTRUCTIONS));
        expect(behaviourOf(counted, calls)).toEqual(behaviourOf(bytes, calls));
      }),
      { numRuns: 20 },
    );
  });
});

// How much lower a global is after each call.
function used(
  bytes: Uint8Array,
  name: string,
  calls: readonly (readonly [number, readonly number[]])[],
): bigint[] {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), stubs());
  const global = exports[name] as unknown as { value: bigint };
  const functions = readModuleShape(bytes, OWN_POLICY).exports.filter(({ type }) => type !== undefined);
  return calls.map(([which, values]) => {
    const { name: called, type } = functions[which % functions.length]!;
    global.value = 1_000_000_000n;
    try {
      (exports as Functions)[called]!(...operandsOf(type!, values));
    } catch {
      // A trap of its own leaves the count of the function that trapped behind; both counts differ then.
      return 0n;
    }
    return 1_000_000_000n - global.value;
  });
}

// The module with a count of the instructions of all regions that it enters, in a global of its own.
function countInstructions(bytes: Uint8Array): Uint8Array {
  const shape = readModuleShape(bytes, OWN_POLICY);
  const { imported, defined } = countsOf(shape);
  const global = imported.global + defined.global;
  const count = (instructions: number): { bytes: number[] } => ({
    bytes: [0x23, ...unsigned(global), 0x42, ...signed(instructions), 0x7d, 0x24, ...unsigned(global)],
  });
  const regions = readRegions(bytes, shape.sections.find(({ id }) => id === SECTION.code)!);
  return editModule(bytes, shape, {
    custom: 'none',
    append: { global: entries([[0x7e, 1, 0x42, 0, 0x0b]]) },
    exports: [{ name: 'counted', kind: 'global', index: global }],
    code: (ordinal) => {
      const { outside, loops } = regions[ordinal]!;
      let loop = 0;
      return {
        entry: count(outside.instructions),
        after: ({ opcode }) => (opcode === 0x03 ? count(loops[loop++]!.instructions) : undefined),
      };
    },
  });
}
