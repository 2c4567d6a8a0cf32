import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { unsigned } from './encode.ts';
import { SPACE } from './index-space.ts';
import { InstructionReader } from './instructions.ts';
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

const TABLES: readonly (readonly [
  prefix: number | undefined,
  table: OpcodeTable,
  from: number,
  to: number,
])[] = [
  [undefined, PLAIN, 0x00, 0xfa],
  [undefined, PLAIN, 0xff, 0xff],
  [0xfb, COLLECTED, 0, 0x17f],
  [0xfc, BULK, 0, 0xff],
  [0xfd, VECTOR, 0, 0x1ff],
  [0xfe, ATOMIC, 0, 0xff],
];

// Every opcode that there can be, with its immediates when the table has it.
const OPCODES = TABLES.flatMap(([prefix, table, from, to]) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    bytes: prefix === undefined ? [from + index] : [prefix, ...unsigned(from + index)],
    opcode: prefix === undefined ? from + index : (prefix << 16) | (from + index),
    immediates: table[from + index],
  })),
);

// Behind a flag of V8, which looks at their type before it looks at the flag.
const HIDDEN = [0xfb0020, 0xfb0021];

describe('the table of instructions', () => {
  it('has what V8 has, and nothing else', () => {
    const differing = OPCODES.filter(
      ({ opcode, bytes, immediates }) =>
        !HIDDEN.includes(opcode) && (immediates !== undefined) !== isKnownToV8(bytes),
    );
    expect(differing.map(({ bytes }) => hex(bytes))).toEqual([]);
    expect(OPCODES.filter(({ immediates }) => immediates !== undefined)).toHaveLength(571);
  });

  it('knows how long each of them is, as V8 does', () => {
    const refused: string[] = [];
    for (const { bytes, opcode, immediates } of OPCODES) {
      if (immediates === undefined) continue;
      const code = [...before(opcode), ...bytes, ...immediatesOf(opcode, immediates), ...after(opcode)];
      if (!isValid(moduleOf(code))) refused.push(`${hex(bytes)}: ${messageOfV8(code)}`);
    }
    expect(refused).toEqual([]);
  });

  it('says where each index is and what it refers to', () => {
    for (const { bytes, opcode, immediates } of OPCODES) {
      if (immediates === undefined) continue;
      const operands = immediatesOf(opcode, immediates);
      const reader = new InstructionReader(Uint8Array.from([...bytes, ...operands]));
      expect([reader.next(), reader.offset, reader.opcode]).toEqual([
        true,
        bytes.length + operands.length,
        opcode,
      ]);
      const direct = immediates.filter((immediate) => immediate <= IMMEDIATE.data);
      const spaces = reader.spaces.slice(0, reader.indexCount);
      expect(spaces.filter((space) => direct.includes(space as Immediate))).toEqual(direct);
      expect(reader.next()).toBe(false);
    }
  });
});

describe('an instruction that is not known', () => {
  it.each([
    [[0x01, 0x27], 'the module has the unknown instruction 0x27 at byte 1'],
    [[0xff], 'the module has the unknown instruction 0xff at byte 0'],
    [[0x01, 0x01, 0xfc, 0x12], 'the module has the unknown instruction 0xfc 0x12 at byte 2'],
    [[0xfd, 0x9a, 0x01], 'the module has the unknown instruction 0xfd 0x9a at byte 0'],
    [
      [0xfb, 0xff, 0xff, 0xff, 0xff, 0x0f],
      'the module has the unknown instruction 0xfb 0xffffffff at byte 0',
    ],
    [[0x02, 0x62, 0x00, 0x0b], 'the module has the unknown type 0x62 at byte 1'],
    [[0xd0, 0x65, 0x70], 'the module has the unknown type 0x65 at byte 1'],
    [[0xd0, 0xf0, 0x7f], 'the module has the unknown type 0xf0 at byte 1'],
    [[0x1c, 0x01, 0x80, 0x7f], 'the module has the unknown type 0x80 at byte 2'],
    [[0x1f, 0x40, 0x01, 0x04, 0x00], 'the module has the unknown kind of catch clause at byte 3'],
  ])('is refused with its place: %j', async (bytes, message) => {
    const error = await failureOf(() => readAll(bytes));
    expect([error.code, error.message]).toEqual(['unsupported', message]);
  });
});

describe('an instruction that does not end', () => {
  it.each([
    [[0x10], 'the module has an instruction that does not end at byte 0'],
    [[0x01, 0x41, 0x80], 'the module has an instruction that does not end at byte 1'],
    [[0x44, 0, 0, 0], 'the module has an instruction that does not end at byte 0'],
    [[0x0e, 0x05, 0x00], 'the module has an instruction that does not end at byte 0'],
    [[0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f], 'the module has an instruction that does not end at byte 0'],
    [[0x1c], 'the module has an instruction that does not end at byte 0'],
    [[0xd0], 'the module has an instruction that does not end at byte 0'],
    [[0xfd], 'the module has an instruction that does not end at byte 0'],
    [[0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'the module has an overlong number at byte 5'],
    [[0x28, 0x80, 0x01, 0x00], 'the module has an alignment that no instruction has at byte 1'],
  ])('is refused with its place: %j', async (bytes, message) => {
    const error = await failureOf(() => readAll(bytes));
    expect([error.code, error.message]).toEqual(['invalid', message]);
  });
});

describe('an instruction', () => {
  it('says how far it branches', () => {
    const furthest = (bytes: number[]): number => {
      const reader = new InstructionReader(Uint8Array.from(bytes));
      reader.next();
      return reader.furthest;
    };
    expect(furthest([0x0c, 3])).toBe(3);
    expect(furthest([0x0e, 3, 1, 9, 2, 4])).toBe(9);
    expect(furthest([0x1f, 0x40, 2, 0, 0, 5, 2, 7])).toBe(7);
    expect(furthest([0xfb, 24, 3, 6, 0x6e, 0x6c])).toBe(6);
    expect(furthest([0x01])).toBe(-1);
    expect(furthest([0x41, 9])).toBe(-1);
  });

  it('has the index that its bytes say, however they say it', () => {
    const reader = new InstructionReader(
      Uint8Array.from([0x10, 0x83, 0x80, 0x80, 0x80, 0x00, 0x28, 0xc2, 0x00, 0x87, 0x00, 0x85, 0x00]),
    );
    reader.next();
    expect([reader.values[0], reader.from[0], reader.to[0]]).toEqual([3, 1, 6]);
    reader.next();
    expect([reader.spaces[0], reader.values[0], reader.from[0], reader.to[0]]).toEqual([
      SPACE.memory,
      7,
      7,
      11,
    ]);
    expect(reader.offset).toBe(13);
  });
});

function readAll(bytes: readonly number[]): void {
  const reader = new InstructionReader(Uint8Array.from(bytes));
  while (reader.next());
}

// ---- what V8 says

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const UNREACHABLE = 0x00;
const END = 0x0b;

// A function with such a body, in a module with one of everything: types 0 () -> (), 1 a structure of a mutable i32, 2 an array
// of mutable i8, 3 an array of mutable funcref, 4 a structure of a mutable i8; a table, a memory, a mutable global, a tag, an element and a data segment.
function moduleOf(code: readonly number[]): Uint8Array {
  const body = [1, 1, 0x7f, ...code, END];
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, [5, 0x60, 0, 0, 0x5f, 1, 0x7f, 1, 0x5e, 0x78, 1, 0x5e, 0x70, 1, 0x5f, 1, 0x78, 1]),
    ...section(3, [1, 0]),
    ...section(4, [1, 0x70, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(13, [1, 0, 0]),
    ...section(6, [1, 0x7f, 1, 0x41, 0, END]),
    ...section(9, [1, 1, 0, 1, 0]),
    ...section(12, [1]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
    ...section(11, [1, 1, 0]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function isValid(bytes: Uint8Array): boolean {
  return (WebAssembly as unknown as { validate(bytes: Uint8Array): boolean }).validate(bytes);
}

function messageOfV8(code: readonly number[]): string {
  try {
    new WebAssembly.Module(moduleOf(code));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

function isKnownToV8(bytes: readonly number[]): boolean {
  return !/invalid .*opcode/i.test(messageOfV8([...bytes, ...Array(20).fill(0)]));
}

// After `unreachable` the stack holds whatever an instruction wants. Parts of blocks need their block.
function before(opcode: number): number[] {
  if (opcode === 0x05) return [UNREACHABLE, 0x04, 0x40, UNREACHABLE]; // else
  if (opcode === 0x07 || opcode === 0x18 || opcode === 0x19) return [UNREACHABLE, 0x06, 0x40, UNREACHABLE]; // catch, delegate, catch_all
  if (opcode === 0x09) return [UNREACHABLE, 0x06, 0x40, 0x19, UNREACHABLE]; // rethrow
  if (opcode === 0x0b) return [UNREACHABLE, 0x02, 0x40, UNREACHABLE]; // end
  if (NEEDS_REFERENCE.includes(opcode)) return [UNREACHABLE, 0x02, 0x6e, UNREACHABLE];
  return [UNREACHABLE];
}

// br_on_non_null, br_on_cast, br_on_cast_fail: the label has to take a reference.
const NEEDS_REFERENCE = [0xd6, 0xfb0018, 0xfb0019];

function after(opcode: number): number[] {
  if (opcode === 0x02 || opcode === 0x03 || opcode === 0x04 || opcode === 0x06 || opcode === 0x1f)
    return [UNREACHABLE, END, UNREACHABLE];
  if (opcode === 0x05 || opcode === 0x07 || opcode === 0x19 || opcode === 0x09)
    return [UNREACHABLE, END, UNREACHABLE];
  if (NEEDS_REFERENCE.includes(opcode)) return [UNREACHABLE, END, UNREACHABLE];
  return [UNREACHABLE];
}

const ARRAY_OF_BYTES = 2;
const ARRAY_OF_FUNCTIONS = 3;
const PACKED_STRUCTURE = 4;

function immediatesOf(opcode: number, immediates: readonly Immediate[]): number[] {
  return immediates.flatMap((immediate) => operand(opcode, immediate));
}

function operand(opcode: number, immediate: Immediate): number[] {
  switch (immediate) {
    case IMMEDIATE.type:
      return [typeOf(opcode)];
    // Two bytes each, so that one that is passed over wrongly shows.
    case IMMEDIATE.constant:
      return [0x80, 0x01];
    case IMMEDIATE.memoryArgument:
      return [alignmentOf(opcode), 0x80, 0x01];
    case IMMEDIATE.blockType:
      return [0x40];
    case IMMEDIATE.heapType:
      return [0x6e];
    case IMMEDIATE.valueTypes:
      return [1, 0x7f];
    case IMMEDIATE.labels:
      return [2, 0, 0, 0];
    case IMMEDIATE.catches:
      return [2, 0, 0, 0, 2, 0];
    case IMMEDIATE.byte:
      return [0];
    case IMMEDIATE.bytes4:
      return Array(4).fill(1);
    case IMMEDIATE.bytes8:
      return Array(8).fill(1);
    case IMMEDIATE.bytes16:
      return Array(16).fill(1);
    default:
      return [0];
  }
}

function typeOf(opcode: number): number {
  if (opcode < 0xfb0000) return 0;
  // Of structures all but the signed and unsigned access, which want packed fields, and the same for arrays.
  if (opcode <= 0xfb0005) return opcode === 0xfb0003 || opcode === 0xfb0004 ? PACKED_STRUCTURE : 1;
  if (opcode === 0xfb000b) return ARRAY_OF_FUNCTIONS;
  return [0xfb000a, 0xfb0013].includes(opcode) ? ARRAY_OF_FUNCTIONS : ARRAY_OF_BYTES;
}

// Atomics want their natural alignment; for the rest, none is enough.
function alignmentOf(opcode: number): number {
  if (opcode >> 16 !== 0xfe) return 0;
  const which = opcode & 0xff;
  if (which <= 0x02) return which === 2 ? 3 : 2;
  return [2, 3, 0, 1, 0, 1, 2][(which - 0x10) % 7] ?? 0;
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
