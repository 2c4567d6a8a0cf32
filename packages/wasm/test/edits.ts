// Every edit of a module that there is, and what a module does, so that one can be compared with the other.
import { FUEL_EXPORT, START_EXPORT } from '../src/binary/added-names.ts';
import { capModule } from '../src/binary/cap.ts';
import { editModule } from '../src/binary/edit.ts';
import { entries, functionType } from '../src/binary/entries.ts';
import { watchModule } from '../src/binary/epoch.ts';
import { meterModule } from '../src/binary/fuel.ts';
import { layoutOf } from '../src/binary/layout.ts';
import { mergeModules } from '../src/binary/merge.ts';
import { readModuleShape } from '../src/binary/module-shape.ts';
import { globalExports, mutableGlobals } from '../src/binary/mutable-globals.ts';
import { OWN_POLICY } from '../src/binary/policy.ts';
import type { FunctionType } from '../src/binary/types.ts';
import { body, moduleOf, section, text } from './corpus.ts';

/** One edit. */
export interface Edit {
  readonly name: string;
  apply(bytes: Uint8Array): Uint8Array;
}

const FUEL = 2n ** 60n;
const OURS = 'plugbay:test';

const shapeOf = (bytes: Uint8Array): ReturnType<typeof readModuleShape> => readModuleShape(bytes, OWN_POLICY);

// Adds an import of every kind, so that the index of everything that a module defines becomes another one.
function moveEverything(bytes: Uint8Array): Uint8Array {
  const shape = shapeOf(bytes);
  const imports = [
    { module: OURS, name: 'function', kind: 'function', type: [...leb(shape.types)] },
    { module: OURS, name: 'table', kind: 'table', type: [0x70, 0, 1] },
    { module: OURS, name: 'memory', kind: 'memory', type: [0, 1] },
    { module: OURS, name: 'global', kind: 'global', type: [0x7f, 1] },
    { module: OURS, name: 'tag', kind: 'tag', type: [0, ...leb(shape.types)] },
  ] as const;
  return editModule(bytes, shape, {
    custom: 'name',
    layout: layoutOf(shape, { imports }),
    append: { type: entries([functionType([], [])]) },
  });
}

/** A module with one of everything that a companion can have, and exports that answer `host add` and `host neg`. */
export const COMPANION: Uint8Array = moduleOf(
  section(1, 4, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0, 0x60, 1, 0x7f, 0),
  section(2, 2, ...text('own'), ...text('memory'), 2, 0, 1, ...text('own'), ...text('log'), 0, 3),
  section(3, 3, 0, 1, 2),
  section(4, 1, 0x70, 0, 2),
  section(5, 1, 0, 1),
  section(13, 1, 0, 3),
  section(6, 1, 0x7f, 1, 0x41, 0, 0x0b),
  section(7, 3, ...[...text('add'), 0, 1, ...text('neg'), 0, 2, ...text('count'), 3, 0]),
  section(8, 3),
  section(9, 1, 0, 0x41, 0, 0x0b, 2, 2, 0),
  section(12, 1),
  section(
    10,
    3,
    // add: keeps its second operand in its own memory, and subtracts what the function in the table makes of it.
    ...body(
      [0],
      ...[0x41, 0, 0x20, 1, 0x36, 0x42, 1, 8, 0x20, 0],
      ...[0x41, 0, 0x28, 0x42, 1, 8, 0x41, 0, 0x11, 1, 0, 0x6b],
    ),
    // neg: counts, and logs what it got.
    ...body([0], 0x23, 0, 0x41, 1, 0x6a, 0x24, 0, 0x20, 0, 0x10, 0, 0x41, 0, 0x20, 0, 0x6b),
    // What runs at instantiation: data into the imported memory.
    ...body([0], 0x41, 0, 0x41, 0, 0x41, 3, 0xfc, 8, 0, 0),
  ),
  section(11, 1, 1, ...text('own')),
);

// The module with the companion in it, which answers what it imports as `host add` and `host neg`.
function withCompanion(bytes: Uint8Array): Uint8Array {
  return mergeModules(
    { bytes, shape: shapeOf(bytes) },
    { bytes: COMPANION, shape: shapeOf(COMPANION) },
    {
      namespace: 'host',
      names: ['add', 'neg'],
      importsAs: 'plugbay:companion',
      exports: ['count'],
      exportPrefix: 'plugbay:companion/',
    },
  );
}

const metered = (bytes: Uint8Array): Uint8Array => meterModule(bytes, shapeOf(bytes), { initial: FUEL });
const ticking = (bytes: Uint8Array): Uint8Array =>
  meterModule(bytes, shapeOf(bytes), { tick: { module: OURS, name: 'tick' } });
const watched = (bytes: Uint8Array): Uint8Array =>
  watchModule(bytes, shapeOf(bytes), {
    memory: { module: OURS, name: 'flag' },
    lookUp: { module: OURS, name: 'look_up' },
    offset: 4,
  });
const showGlobals = (bytes: Uint8Array): Uint8Array => {
  const shape = shapeOf(bytes);
  return editModule(bytes, shape, { custom: 'none', exports: globalExports(mutableGlobals(bytes, shape)) });
};

/** The edits, and some of one after the other. */
export const EDITS: readonly Edit[] = [
  { name: 'moves everything', apply: moveEverything },
  {
    name: 'caps',
    apply: (bytes) => capModule(bytes, shapeOf(bytes), { memoryPages: 100, tableEntries: 1000 }),
  },
  { name: 'meters', apply: metered },
  { name: 'meters with a tick', apply: ticking },
  { name: 'watches a flag', apply: watched },
  { name: 'exports globals', apply: showGlobals },
  { name: 'merges a companion in', apply: withCompanion },
  { name: 'merges, then meters', apply: (bytes) => ticking(withCompanion(bytes)) },
  { name: 'meters, then moves everything', apply: (bytes) => moveEverything(metered(bytes)) },
  {
    name: 'does all of it',
    apply: (bytes) => watched(ticking(moveEverything(withCompanion(showGlobals(bytes))))),
  },
];

/** A call: which of the exported functions, and numbers for its parameters. */
export type Call = readonly [which: number, values: readonly number[]];

/** What an instance of the module does: the result of each call, or its error; then what its memory holds. */
export function behaviourOf(bytes: Uint8Array, calls: readonly Call[]): string[] {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), stubs());
  const { [START_EXPORT]: start } = exports;
  if (typeof start === 'function') start();
  const fuel = exports[FUEL_EXPORT] as WebAssembly.Global | undefined;
  const functions = shapeOf(bytes).exports.filter(
    ({ name, type }) => type !== undefined && !name.startsWith('plugbay:'),
  );
  const did = calls.map(([which, values]) => {
    const called = functions[which % Math.max(functions.length, 1)];
    if (called?.type === undefined) return 'nothing';
    if (fuel !== undefined) fuel.value = FUEL;
    const operands = operandsOf(called.type, values);
    try {
      return String((exports[called.name] as (...values: unknown[]) => unknown)(...operands));
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : 'an exception';
    }
  });
  const { memory } = exports as { memory?: { buffer: ArrayBuffer } };
  return memory === undefined ? did : [...did, Buffer.from(memory.buffer).toString('latin1')];
}

/** Numbers as a function of this type takes them. */
export function operandsOf({ parameters }: FunctionType, values: readonly number[]): (number | bigint)[] {
  return parameters.map((type, place) => operand(type, values[place] ?? 0));
}

function operand(type: string, value: number): number | bigint {
  if (type === 'i64') return BigInt(value) * 0x1_0000_0001n;
  return type === 'i32' ? value : value / 7;
}

type Constructors = Record<'Memory' | 'Table' | 'Global' | 'Tag', new (...values: unknown[]) => unknown>;

/** Answers to whatever the corpus and the edits import. */
export function stubs(): Record<string, Record<string, unknown>> {
  const { Memory, Table, Global, Tag } = WebAssembly as unknown as Constructors;
  const memory = (): unknown => new Memory({ initial: 1 });
  return {
    host: {
      add: (one: number, two: number) => one + two,
      neg: (value: number) => -value,
      base: 4,
      memory: memory(),
      table: new Table({ initial: 4, element: 'anyfunc' }),
      counter: new Global({ value: 'i32', mutable: true }, 5),
      tag: new Tag({ parameters: ['i32'] }),
    },
    own: { memory: memory(), log: () => undefined },
    'plugbay:companion': { memory: memory(), log: () => undefined },
    [OURS]: {
      function: () => undefined,
      table: new Table({ initial: 1, element: 'anyfunc' }),
      memory: memory(),
      global: new Global({ value: 'i32', mutable: true }, 0),
      tag: new Tag({ parameters: [] }),
      tick: () => 1000,
      flag: new Memory({ initial: 1, maximum: 1, shared: true }),
      look_up: () => 0,
    },
  };
}

/** Whether V8 takes it. */
export function isValid(bytes: Uint8Array): boolean {
  return (WebAssembly as unknown as { validate(bytes: Uint8Array): boolean }).validate(bytes);
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)];
}
