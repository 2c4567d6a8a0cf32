// The instructions of WebAssembly and the immediates that follow each one's opcode: all that the Nodes we run on accept.
// https://webassembly.github.io/spec/core/binary/instructions.html and, for legacy exceptions, 06 to 09, 18 and 19,
// https://github.com/WebAssembly/exception-handling/blob/main/proposals/exception-handling/legacy/Exceptions.md

/** The forms of immediates. Those below 8 are an index into the space of the same code ({@link SPACE}). */
export const IMMEDIATE = {
  function: 0,
  table: 1,
  memory: 2,
  global: 3,
  tag: 4,
  type: 5,
  element: 6,
  data: 7,
  /** An unsigned number that no edit changes: a local, a field, a length. */
  number: 8,
  /** Alignment, the memory when bit 6 says so, offset. */
  memoryArgument: 9,
  /** Nothing, a value type, or the index of a function type. */
  blockType: 10,
  heapType: 11,
  valueTypes: 12,
  labels: 13,
  catches: 14,
  /** A signed number of any length. */
  constant: 15,
  byte: 16,
  bytes4: 17,
  bytes8: 18,
  bytes16: 19,
  /** Where a branch goes, as the number of blocks that it leaves before the last one. */
  label: 20,
} as const;

/** One of {@link IMMEDIATE}. */
export type Immediate = (typeof IMMEDIATE)[keyof typeof IMMEDIATE];

/** For each opcode the immediates that follow; undefined where there is no such instruction. */
export type OpcodeTable = readonly (readonly Immediate[] | undefined)[];

/** Opcodes that more than the table needs to know; prefixed ones are the prefix, shifted by 16, and what follows it. */
export const OPCODE = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  try: 0x06,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  branchIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32EqualZero: 0x45,
  i32LessEqualSigned: 0x4c,
  i64LessSigned: 0x53,
  i64GreaterUnsigned: 0x56,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64ShiftLeft: 0x86,
  i64ShiftRightUnsigned: 0x88,
  i64ExtendI32Signed: 0xac,
  i64ExtendI32Unsigned: 0xad,
  select: 0x1b,
  refFunc: 0xd2,
  arrayNew: 0xfb0006,
  arrayNewDefault: 0xfb0007,
  arrayNewData: 0xfb0009,
  arrayNewElement: 0xfb000a,
  arrayFill: 0xfb0010,
  arrayCopy: 0xfb0011,
  arrayInitData: 0xfb0012,
  arrayInitElement: 0xfb0013,
  memoryInit: 0xfc0008,
  memoryCopy: 0xfc000a,
  memoryFill: 0xfc000b,
  tableInit: 0xfc000c,
  tableCopy: 0xfc000e,
  tableGrow: 0xfc000f,
  tableFill: 0xfc0011,
} as const;

/** How to pass over an instruction that nothing needs to look at: other values are how many bytes follow. */
export const PASS = { notable: 0xff, number: 0xfe, memoryArgument: 0xfd } as const;

// They have no immediates, but a block or a function ends there.
const ENDS: readonly number[] = [OPCODE.end, OPCODE.return, OPCODE.throwRef];

type Row = readonly [from: number, to: number, ...immediates: Immediate[]];

const I = IMMEDIATE;

/** Opcodes of one byte. */
export const PLAIN: OpcodeTable = table([
  [0x00, 0x01], // unreachable, nop
  [0x02, 0x04, I.blockType], // block, loop, if
  [0x05, 0x05], // else
  [0x06, 0x06, I.blockType], // try
  [0x07, 0x08, I.tag], // catch, throw
  [0x09, 0x09, I.label], // rethrow
  [0x0a, 0x0b], // throw_ref, end
  [0x0c, 0x0d, I.label], // br, br_if
  [0x0e, 0x0e, I.labels], // br_table
  [0x0f, 0x0f], // return
  [0x10, 0x10, I.function], // call
  [0x11, 0x11, I.type, I.table], // call_indirect
  [0x12, 0x12, I.function], // return_call
  [0x13, 0x13, I.type, I.table], // return_call_indirect
  [0x14, 0x15, I.type], // call_ref, return_call_ref
  [0x18, 0x18, I.label], // delegate
  [0x19, 0x1b], // catch_all, drop, select
  [0x1c, 0x1c, I.valueTypes], // select with types
  [0x1f, 0x1f, I.blockType, I.catches], // try_table
  [0x20, 0x22, I.number], // local.get, local.set, local.tee
  [0x23, 0x24, I.global], // global.get, global.set
  [0x25, 0x26, I.table], // table.get, table.set
  [0x28, 0x3e, I.memoryArgument], // loads and stores
  [0x3f, 0x40, I.memory], // memory.size, memory.grow
  [0x41, 0x42, I.constant], // i32.const, i64.const
  [0x43, 0x43, I.bytes4], // f32.const
  [0x44, 0x44, I.bytes8], // f64.const
  [0x45, 0xc4], // comparisons, arithmetic, conversions, sign extensions
  [0xd0, 0xd0, I.heapType], // ref.null
  [0xd1, 0xd1], // ref.is_null
  [0xd2, 0xd2, I.function], // ref.func
  [0xd3, 0xd4], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, I.label], // br_on_null, br_on_non_null
]);

/** Opcodes after 0xfb: structures, arrays, casts, i31 references. */
export const COLLECTED: OpcodeTable = table([
  [0, 1, I.type], // struct.new, struct.new_default
  [2, 5, I.type, I.number], // struct.get, its signed and unsigned forms, struct.set
  [6, 7, I.type], // array.new, array.new_default
  [8, 8, I.type, I.number], // array.new_fixed
  [9, 9, I.type, I.data], // array.new_data
  [10, 10, I.type, I.element], // array.new_elem
  [11, 14, I.type], // array.get, its signed and unsigned forms, array.set
  [15, 15], // array.len
  [16, 16, I.type], // array.fill
  [17, 17, I.type, I.type], // array.copy
  [18, 18, I.type, I.data], // array.init_data
  [19, 19, I.type, I.element], // array.init_elem
  [20, 23, I.heapType], // ref.test, ref.cast, each also for null
  [24, 25, I.byte, I.label, I.heapType, I.heapType], // br_on_cast, br_on_cast_fail
  [26, 30], // conversions between any and extern, ref.i31, i31.get_s, i31.get_u
]);

/** Opcodes after 0xfc: saturating conversions, bulk memory, tables. */
export const BULK: OpcodeTable = table([
  [0, 7], // saturating conversions
  [8, 8, I.data, I.memory], // memory.init
  [9, 9, I.data], // data.drop
  [10, 10, I.memory, I.memory], // memory.copy
  [11, 11, I.memory], // memory.fill
  [12, 12, I.element, I.table], // table.init
  [13, 13, I.element], // elem.drop
  [14, 14, I.table, I.table], // table.copy
  [15, 17, I.table], // table.grow, table.size, table.fill
]);

/** Opcodes after 0xfd: vectors. The gaps are in the specification. */
export const VECTOR: OpcodeTable = table([
  [0x00, 0x0b, I.memoryArgument], // loads, v128.store
  [0x0c, 0x0d, I.bytes16], // v128.const, i8x16.shuffle
  [0x0e, 0x14], // i8x16.swizzle, splats
  [0x15, 0x22, I.byte], // lanes in and out
  [0x23, 0x53], // comparisons, bits
  [0x54, 0x5b, I.memoryArgument, I.byte], // loads and stores of one lane
  [0x5c, 0x5d, I.memoryArgument], // v128.load32_zero, v128.load64_zero
  [0x5e, 0x99], // conversions, arithmetic of i8x16 and i16x8
  [0x9b, 0xa1],
  [0xa3, 0xa4],
  [0xa7, 0xae], // arithmetic of i32x4
  [0xb1, 0xb1],
  [0xb5, 0xba],
  [0xbc, 0xc1], // arithmetic of i64x2 from c0
  [0xc3, 0xc4],
  [0xc7, 0xce],
  [0xd1, 0xd1],
  [0xd5, 0xe1], // comparisons of i64x2; arithmetic of f32x4
  [0xe3, 0xed], // arithmetic of f64x2 from ec
  [0xef, 0xff],
  [0x100, 0x113], // relaxed
]);

/** Opcodes after 0xfe: atomics. */
export const ATOMIC: OpcodeTable = table([
  [0x00, 0x02, I.memoryArgument], // notify and waits
  [0x03, 0x03, I.byte], // atomic.fence
  [0x10, 0x4e, I.memoryArgument], // loads, stores, read-modify-writes
]);

/** For each opcode of one byte how to pass over it, one of {@link PASS} or a number of bytes. */
export const PASSES: Uint8Array = Uint8Array.from({ length: 256 }, (_, opcode) => passOf(opcode));

function passOf(opcode: number): number {
  const [immediate, ...more] = PLAIN[opcode] ?? [I.function];
  if (more.length > 0 || ENDS.includes(opcode)) return PASS.notable;
  if (immediate === undefined) return 0;
  if (immediate === I.number || immediate === I.constant) return PASS.number;
  if (immediate === I.memoryArgument) return PASS.memoryArgument;
  if (immediate === I.bytes4) return 4;
  return immediate === I.bytes8 ? 8 : PASS.notable;
}

function table(rows: readonly Row[]): OpcodeTable {
  const immediatesOf: (readonly Immediate[] | undefined)[] = [];
  for (const [from, to, ...immediates] of rows)
    for (let opcode = from; opcode <= to; opcode++) immediatesOf[opcode] = immediates;
  return immediatesOf;
}
