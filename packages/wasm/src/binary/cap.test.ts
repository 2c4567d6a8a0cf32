import { isPlugbayError } from '@plugbay/core';
import { wat } from '@plugbay/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { type Caps, capModule } from './cap.ts';
import { guardModule } from './guard.ts';
import { readModuleShape } from './module-shape.ts';
import { type GuardPolicy, INLINE_POLICY } from './policy.ts';

const LOOSE: GuardPolicy = { ...INLINE_POLICY, memories: 100 };
const CAPS: Caps = { memoryPages: 10, tableEntries: 100 };

function cap(bytes: Uint8Array, caps: Partial<Caps> = {}): Uint8Array {
  return capModule(bytes, guardModule(bytes, LOOSE), { ...CAPS, ...caps });
}

type Exports = Record<string, (...values: number[]) => number>;

async function run(source: string, caps: Partial<Caps> = {}): Promise<Exports> {
  const module = new WebAssembly.Module(cap(await wat(source), caps));
  return new WebAssembly.Instance(module, {}).exports as Exports;
}

const GROW = '(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))';

describe('the cap of a memory', () => {
  it('is reached exactly, and not passed', async () => {
    const { grow } = await run(`(module (memory 1) ${GROW})`);
    expect([grow!(9), grow!(1), grow!(0)]).toEqual([1, -1, 10]);
  });

  it('leaves a lower maximum as it is', async () => {
    const { grow } = await run(`(module (memory 1 3) ${GROW})`);
    expect([grow!(2), grow!(1)]).toEqual([1, -1]);
  });

  it('holds where the module starts at it', async () => {
    const { grow } = await run(`(module (memory 10) ${GROW})`);
    expect(grow!(1)).toBe(-1);
  });

  it('refuses a module that starts beyond it, with both numbers', async () => {
    const bytes = await wat('(module (memory 11))');
    const error = await failureOf(() => cap(bytes));
    expect([error.code, error.message, error.hint]).toEqual([
      'limit',
      'the module starts with 11 pages of memory; memoryPages is 10',
      'Raise memoryPages to 11 (720896 bytes) or more.',
    ]);
  });

  it('is one for all memories together', async () => {
    const source = `(module (memory 2) (memory 1 3) (memory 1)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "second") (param i32) (result i32) (memory.grow 1 (local.get 0)))
      (func (export "third") (param i32) (result i32) (memory.grow 2 (local.get 0))))`;
    const most = await run(source, { memoryPages: 10 });
    expect([most.grow!(6), most.grow!(1), most.second!(1), most.third!(1)]).toEqual([2, -1, -1, -1]);
    const three = await run(source.replace('(memory 2)', '(memory 2 3)'), { memoryPages: 10 });
    expect([three.grow!(1), three.grow!(1), three.second!(2), three.third!(3), three.third!(1)]).toEqual([
      2, -1, 1, 1, -1,
    ]);
    await expect(run(source, { memoryPages: 3 })).rejects.toMatchObject({ code: 'limit' });
  });

  it('is never more than a memory can have', async () => {
    const bytes = cap(await wat('(module (memory 1))'), { memoryPages: 1_000_000 });
    expect(readModuleShape(bytes, LOOSE).memories[0]!.maximum).toBe(65_536);
  });
});

describe('the cap of a table', () => {
  const GROW_TABLE =
    '(func (export "grow") (param i32) (result i32) (table.grow 1 (ref.null func) (local.get 0)))';

  it('is reached exactly, and not passed', async () => {
    const { grow } = await run(`(module (table 1 funcref) (table 10 funcref) ${GROW_TABLE})`);
    expect([grow!(90), grow!(1)]).toEqual([10, -1]);
  });

  it('leaves a lower maximum as it is', async () => {
    const { grow } = await run(`(module (table 1 funcref) (table 10 20 funcref) ${GROW_TABLE})`);
    expect([grow!(10), grow!(1)]).toEqual([10, -1]);
  });

  it('ends the loop that kills a process without it', async () => {
    const { bomb } = await run(
      `(module (table 1 funcref)
        (func (export "bomb") (result i32)
          (loop $again
            (br_if $again (i32.ne (table.grow 0 (ref.null func) (i32.const 1000)) (i32.const -1))))
          (table.size 0)))`,
      { tableEntries: INLINE_POLICY.tableEntries },
    );
    expect(bomb!()).toBe(99_001);
  });

  it('keeps the entry that a table starts with', () => {
    // (table 2 funcref (ref.func 0)), exported; the function returns 42.
    const bytes = Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0],
      ...[
        4, 9, 1, 0x40, 0, 0x70, 0, 2, 0xd2, 0, 0x0b, 7, 5, 1, 1, 0x74, 1, 0, 10, 6, 1, 4, 0, 0x41, 42, 0x0b,
      ],
    ]);
    const { t } = new WebAssembly.Instance(new WebAssembly.Module(cap(bytes)), {}).exports as {
      t: { get(index: number): () => number; grow(by: number): number };
    };
    expect(t.get(1)()).toBe(42);
    expect(t.grow(98)).toBe(2);
    expect(() => t.grow(1)).toThrow(RangeError);
  });
});

describe('a capped module', () => {
  it('has no custom sections, and all else as it was', async () => {
    const plain = await wat(
      '(module (memory 1 2) (table 1 2 funcref) (func (export "f") nop) (data (i32.const 0) "x"))',
    );
    const custom = (name: string): number[] => [0, name.length + 3, name.length, ...Buffer.from(name), 1, 2];
    const dressed = Uint8Array.from([
      ...plain.subarray(0, 8),
      ...custom('first'),
      ...plain.subarray(8),
      ...custom('name'),
      ...custom('producers'),
    ]);
    expect(Buffer.from(cap(dressed)).equals(Buffer.from(plain))).toBe(true);
  });

  it('is the same when it is capped again', async () => {
    const once = cap(await wat(`(module (memory 1) (table 3 funcref) ${GROW})`));
    expect(Buffer.from(cap(once)).equals(Buffer.from(once))).toBe(true);
  });

  it('keeps the cap whatever was done to its bytes, as V8 reads them', async () => {
    const whole = await wat(`(module
      (import "a" "b" (func))
      (memory 1 200) (memory 2) (table 3 300 funcref) (table 1 externref)
      (global i32 (i32.const 1)) (func (export "f")) (export "m" (memory 0)) (elem func 0) (data "abc"))`);
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 0, maxLength: 3 });
    let compiled = 0;
    fc.assert(
      fc.property(changes, (edits) => {
        const bytes = whole.slice();
        for (const [at, value] of edits) bytes[at] = value;
        const capped = attempt(() => cap(bytes));
        if (capped === undefined || !isValid(capped)) return;
        compiled += 1;
        const { memories, tables } = readModuleShape(capped, LOOSE);
        expect(memories.reduce((sum, { maximum }) => sum + maximum!, 0)).toBeLessThanOrEqual(
          CAPS.memoryPages,
        );
        for (const { maximum } of tables) expect(maximum).toBeLessThanOrEqual(CAPS.tableEntries);
        expect(isValid(bytes)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(compiled).toBeGreaterThan(100);
  });
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (isPlugbayError(error)) return undefined;
    throw error;
  }
}

function isValid(bytes: Uint8Array): boolean {
  return (WebAssembly as unknown as { validate(bytes: Uint8Array): boolean }).validate(bytes);
}

describe('the start function of a capped module', () => {
  const START = `(module (global $begun (mut i32) (i32.const 0))
    (func $begin (global.set $begun (i32.const 1))) (start $begin)
    (func (export "begun") (result i32) (global.get $begun))`;

  it('is an export, and runs when that is called', async () => {
    const { begun, ...exports } = await run(`${START})`);
    expect(begun!()).toBe(0);
    exports['plugbay:start']!();
    expect(begun!()).toBe(1);
  });

  it('refuses a module that has an export of that name', async () => {
    const bytes = await wat(`${START} (func (export "plugbay:start")))`);
    const error = await failureOf(() => cap(bytes));
    expect([error.code, error.message]).toEqual([
      'invalid',
      'the module exports plugbay:start, a name that is reserved',
    ]);
  });
});
