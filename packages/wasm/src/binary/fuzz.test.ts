import { isPlugbayError, type PlugbayError } from '@plugbay/core';
import { expect, it } from 'vitest';
import { body, CORPUS, moduleOf, section } from '../../test/corpus.ts';
import { EDITS, isValid, operandsOf, stubs } from '../../test/edits.ts';
import { inspectModule } from '../inspect.ts';
import { FUEL_EXPORT } from './added-names.ts';
import { editModule } from './edit.ts';
import { unsigned } from './encode.ts';
import { meterModule } from './fuel.ts';
import { type ModuleShape, readModuleShape } from './module-shape.ts';
import {
  ATOMIC,
  BULK,
  COLLECTED,
  IMMEDIATE,
  type Immediate,
  type OpcodeTable,
  PLAIN,
  VECTOR,
} from './opcodes.ts';
import { OWN_POLICY } from './policy.ts';
import { readSections } from './sections.ts';

const MODULES = 20_000;
// What three quarters of the modules may leave behind: a few kilobytes each would show.
const RSS_GROWTH_MAX = 150 * 1024 * 1024;
const FUEL = 20_000n;
const CAPS = { memoryPages: 50, tableEntries: 1000 };

// The same numbers in every run: mulberry32.
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Random = (below: number) => number;

// Bytes of a module changed, taken out, put in, copied to elsewhere, or taken from another module.
function mutated(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const changed = [...bytes];
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const at = 8 + random(Math.max(changed.length - 8, 1));
    const kind = random(10);
    if (kind < 5) changed[at] = random(256);
    else if (kind < 7) changed[at] = ((changed[at] ?? 0) + random(3) - 1) & 0xff;
    else if (kind === 7) changed.splice(at, 1 + random(4));
    else if (kind === 8) changed.splice(at, 0, ...Array.from({ length: 1 + random(4) }, () => random(256)));
    else changed.splice(at, 4, ...other.subarray(8 + random(other.length - 8)).subarray(0, 4));
  }
  return Uint8Array.from(changed);
}

// The sections of one module, some of them as they are in another.
function crossed(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const partsOf = (module: Uint8Array): Map<number, number[]> =>
    new Map(
      readSections(module, OWN_POLICY).map(({ id, start, end }) => [
        id,
        section(id, ...module.subarray(start, end)),
      ]),
    );
  const parts = partsOf(bytes);
  const others = [...partsOf(other)];
  for (let swaps = 1 + random(2); swaps > 0; swaps--) {
    const [id, part] = others[random(others.length)] as [number, number[]];
    if (parts.has(id)) parts.set(id, part);
  }
  return moduleOf(...parts.values());
}

const TABLES: readonly (readonly [prefix: number | undefined, table: OpcodeTable])[] = [
  [undefined, PLAIN],
  [0xfb, COLLECTED],
  [0xfc, BULK],
  [0xfd, VECTOR],
  [0xfe, ATOMIC],
];
const ALL = TABLES.flatMap(([prefix, table]) =>
  [...table.entries()].flatMap(([opcode, immediates]) =>
    immediates === undefined
      ? []
      : [{ code: prefix === undefined ? [opcode] : [prefix, ...unsigned(opcode)], immediates }],
  ),
);

// Immediates of the right form, most of them of things that there are.
function immediate(form: Immediate, random: Random): number[] {
  switch (form) {
    case IMMEDIATE.memoryArgument:
      return random(2) === 0 ? [random(4), random(200), 0] : [0x40 | random(4), random(3), random(100)];
    case IMMEDIATE.blockType:
      return random(2) === 0 ? [0x40] : [random(5)];
    case IMMEDIATE.heapType:
      return random(2) === 0 ? [0x69 + random(11)] : [random(5)];
    case IMMEDIATE.valueTypes:
      return random(2) === 0 ? [1, 0x7b + random(5)] : [1, 0x63 + random(2), random(5)];
    case IMMEDIATE.labels:
      return [2, 0, random(2), 0];
    case IMMEDIATE.catches:
      return [2, random(2), 0, 0, 2, random(2)];
    case IMMEDIATE.constant:
      return [0x80 | random(128), random(64)];
    case IMMEDIATE.bytes4:
    case IMMEDIATE.bytes8:
    case IMMEDIATE.bytes16:
      return Array.from({ length: 2 ** (form - IMMEDIATE.bytes4 + 2) }, () => random(32));
    default:
      return random(8) === 0 ? [0x80 | random(4), 0] : [random(3)];
  }
}

// Instructions that a block's end has to follow.
const OPENS = [0x02, 0x03, 0x04, 0x06, 0x1f];

// Functions of random instructions that are never reached.
function scrambled(random: Random): Uint8Array {
  const code = (): number[] =>
    Array.from({ length: 1 + random(3) }, () => {
      const { code: opcode, immediates } = ALL[random(ALL.length)] as (typeof ALL)[number];
      const opens = opcode.length === 1 && OPENS.includes(opcode[0] as number);
      const operands = immediates.flatMap((form) => immediate(form, random));
      return [0x00, ...opcode, ...operands, 0x00, ...(opens ? [0x0b, 0x00] : [])];
    }).flat();
  const bodies = Array.from({ length: 3 }, () => body([1, 1, 0x7f], ...code()));
  return moduleOf(
    section(1, 4, 0x60, 0, 0, 0x5f, 1, 0x7f, 1, 0x5e, 0x78, 1, 0x5e, 0x70, 1),
    section(3, bodies.length, ...bodies.map(() => 0)),
    section(4, 2, 0x70, 0, 1, 0x6f, 4, 2),
    section(5, 2, 0, 1, 4, 1),
    section(13, 1, 0, 0),
    section(6, 2, 0x7f, 1, 0x41, 0, 0x0b, 0x7e, 1, 0x42, 0, 0x0b),
    section(9, 2, 1, 0, 1, 0, 5, 0x70, 1, 0xd2, 1, 0x0b),
    section(12, 1),
    section(10, bodies.length, ...bodies.flat()),
    section(11, 1, 1, 0),
  );
}

// What comes of it, or the PlugbayError that it is refused with; anything else that is thrown fails the test.
function attempt<T>(run: () => T): { readonly value?: T; readonly refusal?: PlugbayError } {
  try {
    return { value: run() };
  } catch (error) {
    if (isPlugbayError(error)) return { refusal: error };
    throw error;
  }
}

function runBounded(bytes: Uint8Array, shape: ModuleShape): void {
  const { value: metered } = attempt(() => meterModule(bytes, shape, { initial: FUEL, caps: CAPS }));
  if (metered === undefined) return;
  const module = new WebAssembly.Module(metered);
  try {
    const { exports } = new WebAssembly.Instance(module, stubs());
    const fuel = exports[FUEL_EXPORT] as WebAssembly.Global;
    for (const { name, type } of shape.exports) {
      if (type === undefined) continue;
      fuel.value = FUEL;
      const call = exports[name] as (...values: unknown[]) => unknown;
      try {
        call(...operandsOf(type, [3, 5]));
      } catch {
        // Traps, exceptions, and values that JavaScript cannot pass.
      }
    }
  } catch {
    // Imports that nobody gives it, segments that do not fit, a start function that traps.
  }
}

it('edits no module into one that V8 refuses, and throws nothing but PlugbayErrors, whatever it is given', async () => {
  const random = randomNumbers(20_261_121);
  const corpus = await Promise.all(CORPUS.map(({ bytes }) => bytes()));
  const pick = (): Uint8Array => corpus[random(corpus.length)] as Uint8Array;
  const seen = { valid: 0, read: 0, edited: 0 };
  const broken: string[] = [];
  let quarter = 0;
  for (let count = 0; count < MODULES; count++) {
    if (count === MODULES / 4) quarter = process.memoryUsage.rss();
    const kind = count % 4;
    const bytes =
      kind === 0
        ? scrambled(random)
        : kind === 1
          ? crossed(pick(), pick(), random)
          : mutated(pick(), pick(), random);
    attempt(() => inspectModule(bytes));
    const valid = isValid(bytes);
    const { value: shape, refusal } = attempt(() => readModuleShape(bytes, OWN_POLICY));
    if (valid) seen.valid += 1;
    if (shape === undefined) {
      if (valid) broken.push(`${count} is refused: ${refusal?.message}`);
      continue;
    }
    seen.read += 1;
    if (!Buffer.from(editModule(bytes, shape, { custom: 'all' })).equals(bytes))
      broken.push(`${count} is not the same`);
    for (const offset of [0, 3, 7]) {
      const { name, apply } = EDITS[(count + offset) % EDITS.length]!;
      const { value: edited, refusal: why } = attempt(() => apply(bytes));
      if (!valid) continue;
      if (edited === undefined && why?.code === 'unsupported')
        broken.push(`${count} ${name}: ${why.message}`);
      if (edited === undefined) continue;
      seen.edited += 1;
      if (!isValid(edited)) broken.push(`${count} ${name}`);
    }
    if (valid) runBounded(bytes, shape);
  }
  expect(broken).toEqual([]);
  // Enough of them got as far as they can.
  expect(seen.read).toBeGreaterThan(MODULES / 2);
  expect(seen.edited).toBeGreaterThan(MODULES / 2);
  expect(process.memoryUsage.rss() - quarter).toBeLessThan(RSS_GROWTH_MAX);
}, 60_000);
