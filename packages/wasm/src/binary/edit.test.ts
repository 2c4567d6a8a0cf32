import { wat } from '@plugbay/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { body, CORPUS, moduleOf, section, text } from '../../test/corpus.ts';
import { behaviourOf, COMPANION, EDITS, isValid, stubs } from '../../test/edits.ts';
import { failureOf } from '../../test/open.ts';
import { editModule } from './edit.ts';
import { entries, functionType } from './entries.ts';
import { type Layout, layoutOf } from './layout.ts';
import { readModuleShape } from './module-shape.ts';
import { OWN_POLICY } from './policy.ts';

const CALLS = fc.array(
  fc.tuple(
    fc.nat(15),
    fc.array(fc.oneof(fc.integer({ min: -40, max: 300 }), fc.integer()), { minLength: 2, maxLength: 2 }),
  ),
  { minLength: 1, maxLength: 8 },
);

it('takes its companion for a module', () => {
  expect(isValid(COMPANION)).toBe(true);
});

const shapeOf = (bytes: Uint8Array): ReturnType<typeof readModuleShape> => readModuleShape(bytes, OWN_POLICY);
const withImports = (bytes: Uint8Array, kind: 'function' | 'memory'): Layout =>
  layoutOf(shapeOf(bytes), {
    imports: [{ module: 'new', name: kind, kind, type: kind === 'function' ? [0] : [0, 1] }],
  });

// Names of everything: the module, functions, locals, types, a memory, a global; and a subsection that nobody knows.
const namesOf = (imported: number, own: number, memory: number): number[] =>
  section(
    0,
    ...text('name'),
    ...section(0, ...text('whole')),
    ...section(1, 2, imported, ...text('imported'), own, ...text('own')),
    ...section(2, 1, own, 1, 0, ...text('x')),
    ...section(4, 1, 0, ...text('t')),
    ...section(6, 1, memory, ...text('m')),
    ...section(7, 1, 0, ...text('g')),
    ...section(99, 1, 2, 3),
  );
const NAMES = namesOf(0, 1, 0);
const PLAIN = moduleOf(
  section(1, 1, 0x60, 1, 0x7f, 0),
  section(2, 1, ...text('a'), ...text('b'), 0, 0),
  section(3, 1, 0),
  section(5, 1, 0, 1),
  section(6, 1, 0x7f, 1, 0x41, 0, 0x0b),
  section(10, 1, ...body([0], 0x20, 0, 0x10, 0)),
);
const OTHER = section(0, ...text('other'), 1, 2);
const NAMED = Uint8Array.from([...PLAIN, ...NAMES, ...OTHER]);

describe('custom sections', () => {
  const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

  it.each([
    ['none', [false, false]],
    ['name', [true, false]],
    ['all', [true, true]],
  ] as const)('stay when they are asked for: %s', (custom, stay) => {
    const edited = textOf(editModule(NAMED, shapeOf(NAMED), { custom }));
    expect([edited.includes('own'), edited.includes('other')]).toEqual(stay);
    expect(edited.length).toBe([...PLAIN, ...(stay[0] ? NAMES : []), ...(stay[1] ? OTHER : [])].length);
  });

  it('go when code changes, all but the names', () => {
    const edit = { custom: 'all', layout: withImports(NAMED, 'function') } as const;
    const edited = textOf(editModule(NAMED, shapeOf(NAMED), edit));
    expect([edited.includes('own'), edited.includes('other')]).toEqual([true, false]);
  });

  it('have the new indices in the names', () => {
    const names = (layout: Layout): number[] => {
      const edited = editModule(NAMED, shapeOf(NAMED), { custom: 'name', layout });
      return [...edited.subarray(edited.length - NAMES.length)];
    };
    expect(names(withImports(NAMED, 'function'))).toEqual(namesOf(0, 2, 0));
    expect(names(withImports(NAMED, 'memory'))).toEqual(namesOf(0, 1, 1));
  });

  it('lose the names of imports that are answered', () => {
    const layout = layoutOf(shapeOf(NAMED), { answered: new Map([[0, 0]]) });
    const edited = editModule(NAMED, shapeOf(NAMED), {
      custom: 'name',
      layout,
      append: { function: entries([[0]]), code: entries([[2, 0, 0x0b]]) },
    });
    expect(isValid(edited)).toBe(true);
    expect(textOf(edited)).toContain('\x01\x06\x01\x00\x03own');
    expect(textOf(edited)).not.toContain('imported');
  });

  it('go when they cannot be read', () => {
    const broken = Uint8Array.from([...PLAIN, ...section(0, ...text('name'), 1, 200, 1)]);
    const layout = withImports(broken, 'function');
    const edited = editModule(broken, shapeOf(broken), { custom: 'name', layout });
    expect([textOf(edited).includes('name'), isValid(edited)]).toEqual([false, true]);
    const nameless = Uint8Array.from([...PLAIN, ...section(0, 9, 1)]);
    const shape = {
      ...shapeOf(PLAIN),
      sections: [
        ...shapeOf(PLAIN).sections,
        { id: 0, start: nameless.length - 2, end: nameless.length, count: 0 },
      ],
    };
    expect(editModule(nameless, shape, { custom: 'name' }).length).toBe(PLAIN.length);
  });
});

describe('an edit', () => {
  it.each([
    ['function', [0x10, 9]],
    ['memory', [0x3f, 9]],
  ] as const)('is refused when code refers to a %s that is not there, with its place', async (kind, code) => {
    const bytes = moduleOf(
      section(1, 1, 0x60, 1, 0x7f, 0),
      section(3, 1, 0),
      section(5, 1, 0, 1),
      section(10, 1, ...body([0], ...code)),
    );
    const layout = withImports(bytes, kind);
    const error = await failureOf(() => editModule(bytes, shapeOf(bytes), { custom: 'none', layout }));
    const message = `the module refers to ${kind} 9, which it does not have, at byte ${bytes.length - 2}`;
    expect([error.code, error.message]).toEqual(['invalid', message]);
  });

  it('is refused when it meets an instruction that it does not know, with its place', async () => {
    const bytes = moduleOf(
      section(1, 1, 0x60, 0, 0),
      section(3, 1, 0),
      section(10, 1, ...body([0], 0x01, 0xfc, 0x20)),
    );
    const layout = withImports(bytes, 'function');
    const error = await failureOf(() => editModule(bytes, shapeOf(bytes), { custom: 'none', layout }));
    expect([error.code, error.message]).toEqual([
      'unsupported',
      `the module has the unknown instruction 0xfc 0x20 at byte ${bytes.indexOf(0xfc)}`,
    ]);
  });

  it('keeps the flags of stores that it caps', async () => {
    const bytes = await wat('(module (memory i64 1) (memory 1 9 shared) (table i64 1 9 funcref))');
    const edited = editModule(bytes, shapeOf(bytes), {
      custom: 'none',
      caps: { memoryPages: 5, tableEntries: 7 },
    });
    const { memories, tables } = shapeOf(edited);
    expect([memories, tables]).toMatchObject([
      [
        { initial: 1, maximum: 4, wide: true, shared: false },
        { initial: 1, maximum: 1, wide: false, shared: true },
      ],
      [{ initial: 1, maximum: 7, wide: true, shared: false }],
    ]);
    expect(isValid(edited)).toBe(true);
  });

  it('replaces the start function, or leaves it out', async () => {
    const bytes = await wat(`(module (import "a" "note" (func $note (param i32)))
      (func $one (call $note (i32.const 1))) (func $two (call $note (i32.const 2))) (start $one))`);
    const ran = (start: number | 'none' | undefined): number[] => {
      const notes: number[] = [];
      const edited = editModule(bytes, shapeOf(bytes), {
        custom: 'none',
        ...(start !== undefined && { start }),
      });
      new WebAssembly.Instance(new WebAssembly.Module(edited), {
        a: { note: (value: number) => notes.push(value) },
      });
      return notes;
    };
    expect([ran(undefined), ran(2), ran('none')]).toEqual([[1], [2], []]);
  });

  it('leaves imports alone that V8 answers itself', async () => {
    const bytes = await wat(`(module
      (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
      (import "wasm:js-string" "charCodeAt" (func $at (param externref i32) (result i32)))
      (func (export "sum") (param externref) (result i32) (local i32 i32)
        (block (loop
          (br_if 1 (i32.ge_u (local.get 1) (call $length (local.get 0))))
          (local.set 2 (i32.add (local.get 2) (call $at (local.get 0) (local.get 1))))
          (local.set 1 (i32.add (local.get 1) (i32.const 1)))
          (br 0)))
        (local.get 2)))`);
    const { Module } = WebAssembly as unknown as {
      Module: new (bytes: Uint8Array, options: object) => WebAssembly.Module;
    };
    for (const { apply } of EDITS) {
      const module = new Module(apply(bytes), { builtins: ['js-string'] });
      const { exports } = new WebAssembly.Instance(module, stubs());
      expect((exports.sum as (text: string) => number)('plug')).toBe(112 + 108 + 117 + 103);
    }
  });

  it('adds sections where the format wants them', () => {
    const empty = moduleOf();
    const edited = editModule(empty, shapeOf(empty), {
      custom: 'none',
      layout: layoutOf(shapeOf(empty), {
        imports: [{ module: 'a', name: 'f', kind: 'function', type: [0] }],
      }),
      append: {
        type: entries([functionType([], ['i32'])]),
        function: entries([[0]]),
        table: entries([[0x70, 0, 1]]),
        memory: entries([[0, 1]]),
        global: entries([[0x7f, 0, 0x41, 5, 0x0b]]),
        element: entries([[1, 0, 1, 1]]),
        code: entries([[4, 0, 0x41, 6, 0x0b]]),
        data: entries([[1, ...text('some')]]),
      },
      exports: [{ name: 'six', kind: 'function', index: 1 }],
    });
    expect(shapeOf(edited).sections.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 12, 10, 11]);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(edited), { a: { f: () => 0 } });
    expect((exports.six as () => number)()).toBe(6);
  });
});

describe.each(CORPUS)('the module of $name', ({ bytes: read }) => {
  it('is the same when nothing is edited', async () => {
    const bytes = await read();
    const shape = readModuleShape(bytes, OWN_POLICY);
    const same = editModule(bytes, shape, { custom: 'all' });
    expect(Buffer.from(same).equals(bytes)).toBe(true);
    const unmoved = editModule(bytes, shape, { custom: 'all', layout: layoutOf(shape) });
    expect(Buffer.from(unmoved).equals(bytes)).toBe(true);
  });

  it.each(EDITS)('does the same when the edit $name', async ({ apply }) => {
    const bytes = await read();
    const edited = apply(bytes);
    expect(isValid(edited)).toBe(true);
    fc.assert(
      fc.property(CALLS, (calls) => {
        expect(behaviourOf(edited, calls)).toEqual(behaviourOf(bytes, calls));
      }),
      { numRuns: 15 },
    );
  });
});
