// Reads instructions one after the other, with the place of every index in them; nothing is checked that V8 checks.
import { PlugbayError } from '@plugbay/core';
import {
  ATOMIC,
  BULK,
  COLLECTED,
  IMMEDIATE,
  type Immediate,
  type OpcodeTable,
  PASS,
  PASSES,
  PLAIN,
  VECTOR,
} from './opcodes.ts';

/** How an index is written. */
export const WRITTEN = {
  /** As an unsigned number. */
  plainly: 0,
  /** As a signed number, because negative ones mean abstract types. */
  signed: 1,
  /** Behind an alignment, whose bit 6 says that a memory follows; without it, the memory is 0. */
  afterAlignment: 2,
} as const;

/** One of {@link WRITTEN}. */
export type Written = (typeof WRITTEN)[keyof typeof WRITTEN];

const PREFIXED: Readonly<Record<number, OpcodeTable>> = {
  251: COLLECTED,
  252: BULK,
  253: VECTOR,
  254: ATOMIC,
};
const FIRST_PREFIX = 0xfb;
const MEMORY_FOLLOWS = 0x40;
const LAST_ALIGNMENT = 0x7f;

// Catch clauses: with a tag, with a tag and a reference; all, all with a reference.
const LAST_CATCH_WITH_TAG = 1;
const LAST_CATCH = 3;

// Heap types that stand for themselves are one byte from here on; below it are forms of proposals that no Node has.
const FIRST_ABSTRACT_TYPE = 0x68;
const LAST_ONE_BYTE_TYPE = 0x7f;
const EMPTY_BLOCK = 0x40;
const NULLABLE_REFERENCE = 0x63;
const REFERENCE = 0x64;

/**
 * A reader of the instructions from `offset` to `end`. `next` goes to the next one; the fields then describe it. Throws
 * PlugbayError `unsupported` (with opcode and offset) where it does not know an instruction or a type, `invalid` where one
 * does not end.
 */
export class InstructionReader {
  readonly bytes: Uint8Array;
  end: number;
  /** Where the next instruction starts. */
  offset: number;
  /** Where this one starts. */
  start: number;
  /** Its opcode; a prefixed one is `prefix << 16 | opcode`. */
  opcode = 0;
  /** The largest label in it: how many blocks it may leave before the last one; -1 when it does not branch. */
  furthest = -1;
  /** How many indices it has. The arrays below are longer. */
  indexCount = 0;
  /** The space of each index, one of SPACE. */
  readonly spaces: number[] = [];
  readonly values: number[] = [];
  /** How each is written. */
  readonly written: Written[] = [];
  /** Where each starts and ends; one after an alignment starts there. */
  readonly from: number[] = [];
  readonly to: number[] = [];

  /** How many instructions `nextNotable` passed over, and where the last of them starts; -1 when it passed over none. */
  passed = 0;
  lastPassed = -1;

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.start = offset;
    this.end = end;
  }

  /** Goes to the next instruction; false when there is none. */
  next(): boolean {
    if (this.offset >= this.end) return false;
    this.start = this.offset;
    this.indexCount = 0;
    this.furthest = -1;
    const first = this.bytes[this.offset++] as number;
    let immediates = PLAIN[first];
    this.opcode = first;
    const prefixed = first >= FIRST_PREFIX ? PREFIXED[first] : undefined;
    if (prefixed !== undefined) {
      const second = this.#unsigned();
      // A number that does not fit beside the prefix is beyond every table as well.
      this.opcode = (first << 16) | second;
      immediates = prefixed[second];
      if (immediates === undefined) this.#unknown(`instruction 0x${hex(first)} 0x${hex(second)}`);
    }
    if (immediates === undefined) return this.#unknown(`instruction 0x${hex(first)}`);
    for (let index = 0; index < immediates.length; index++) this.#read(immediates[index] as Immediate);
    if (this.offset > this.end) this.#endsEarly();
    return true;
  }

  /**
   * Goes to the next instruction that has an index or a label, or opens or ends a block or a function; false when there is none.
   * Whether an index of a memory in a load or a store is worth it, `memories` says.
   */
  nextNotable(memories: boolean): boolean {
    const { bytes, end } = this;
    let { offset } = this;
    let passed = 0;
    let last = -1;
    while (offset < end) {
      const pass = PASSES[bytes[offset] as number] as number;
      if (pass === PASS.notable || (pass === PASS.memoryArgument && memories)) break;
      last = offset++;
      passed += 1;
      if (pass === PASS.number) while ((bytes[offset++] as number) >= 0x80);
      else if (pass === PASS.memoryArgument) offset = afterMemoryArgument(bytes, offset);
      else offset += pass;
    }
    if (last >= 0) this.start = last;
    if (offset > end) this.#endsEarly();
    this.offset = offset;
    this.passed = passed;
    this.lastPassed = last;
    return this.next();
  }

  /** Passes over a value type. */
  valueType(): void {
    const at = this.offset;
    const byte = this.bytes[this.offset++] as number;
    if (byte === NULLABLE_REFERENCE || byte === REFERENCE) this.#heapType();
    else if (!(byte >= FIRST_ABSTRACT_TYPE && byte <= LAST_ONE_BYTE_TYPE)) this.#unknownType(at);
  }

  #read(immediate: Immediate): void {
    switch (immediate) {
      case IMMEDIATE.number:
      case IMMEDIATE.constant:
        return this.#skipNumber();
      case IMMEDIATE.label:
        return this.#label();
      case IMMEDIATE.memoryArgument:
        return this.#memoryArgument();
      case IMMEDIATE.blockType:
        return this.#blockType();
      case IMMEDIATE.heapType:
        return this.#heapType();
      case IMMEDIATE.valueTypes:
        for (let left = this.#count(); left > 0; left--) this.valueType();
        return;
      case IMMEDIATE.labels:
        for (let left = this.#count(); left >= 0; left--) this.#label();
        return;
      case IMMEDIATE.catches:
        for (let left = this.#count(); left > 0; left--) this.#catch();
        return;
      case IMMEDIATE.byte:
        this.offset += 1;
        return;
      case IMMEDIATE.bytes4:
        this.offset += 4;
        return;
      case IMMEDIATE.bytes8:
        this.offset += 8;
        return;
      case IMMEDIATE.bytes16:
        this.offset += 16;
        return;
      default:
        return this.#index(immediate);
    }
  }

  #index(space: number): void {
    const from = this.offset;
    const value = this.#unsigned();
    this.#found(space, value, WRITTEN.plainly, from);
  }

  #memoryArgument(): void {
    const from = this.offset;
    const alignment = this.#unsigned();
    if (alignment > LAST_ALIGNMENT) this.#invalid('an alignment that no instruction has', from);
    const memory = alignment & MEMORY_FOLLOWS ? this.#unsigned() : 0;
    this.#found(IMMEDIATE.memory, memory, WRITTEN.afterAlignment, from);
    this.#skipNumber();
  }

  #blockType(): void {
    const byte = this.bytes[this.offset] as number;
    if (byte === EMPTY_BLOCK) this.offset += 1;
    else if (byte === NULLABLE_REFERENCE || byte === REFERENCE) this.valueType();
    else this.#heapType();
  }

  // A negative number is an abstract type, one that is not is the index of a type.
  #heapType(): void {
    const from = this.offset;
    const byte = this.bytes[from] as number;
    if (byte >= EMPTY_BLOCK && byte <= LAST_ONE_BYTE_TYPE) {
      if (byte < FIRST_ABSTRACT_TYPE) this.#unknownType(from);
      this.offset += 1;
      return;
    }
    const value = this.#signed33();
    // Written longer than it needs to be: no compiler does.
    if (value < 0) this.#unknownType(from);
    this.#found(IMMEDIATE.type, value, WRITTEN.signed, from);
  }

  #catch(): void {
    const at = this.offset;
    const clause = this.bytes[this.offset++] as number;
    if (!(clause <= LAST_CATCH)) this.#unknown('kind of catch clause', at);
    if (clause <= LAST_CATCH_WITH_TAG) this.#index(IMMEDIATE.tag);
    this.#label();
  }

  #label(): void {
    const label = this.#unsigned();
    if (label > this.furthest) this.furthest = label;
  }

  #found(space: number, value: number, written: Written, from: number): void {
    const place = this.indexCount++;
    this.spaces[place] = space;
    this.values[place] = value;
    this.written[place] = written;
    this.from[place] = from;
    this.to[place] = this.offset;
  }

  #skipNumber(): void {
    const { bytes } = this;
    let { offset } = this;
    while ((bytes[offset++] as number) >= 0x80);
    this.offset = offset;
  }

  #unsigned(): number {
    const byte = this.bytes[this.offset] as number;
    if (byte < 0x80) {
      this.offset += 1;
      return byte;
    }
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const next = this.bytes[this.offset++] as number;
      value += (next & 0x7f) * 2 ** shift;
      if (!(next >= 0x80)) return value;
    }
    return this.#overlong();
  }

  #signed33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const next = this.bytes[this.offset++] as number;
      value += (next & 0x7f) * 2 ** shift;
      if (!(next >= 0x80)) return next & 0x40 ? value - 2 ** (shift + 7) : value;
    }
    return this.#overlong();
  }

  // How many entries follow; each has a byte at least, so a number beyond the end is none.
  #count(): number {
    const count = this.#unsigned();
    if (count > this.end - this.offset) this.#endsEarly();
    return count;
  }

  #endsEarly(): never {
    return this.#invalid('an instruction that does not end', this.start);
  }

  #overlong(): never {
    return this.#invalid('an overlong number', this.offset - 1);
  }

  #invalid(what: string, at: number): never {
    throw new PlugbayError('invalid', `the module has ${what} at byte ${at}`);
  }

  #unknownType(at: number): never {
    if (at >= this.end) this.#endsEarly();
    return this.#unknown(`type 0x${hex(this.bytes[at] as number)}`, at);
  }

  #unknown(what: string, at: number = this.start): never {
    if (at >= this.end) this.#endsEarly();
    throw new PlugbayError('unsupported', `the module has the unknown ${what} at byte ${at}`);
  }
}

function afterMemoryArgument(bytes: Uint8Array, from: number): number {
  let offset = from;
  const numbers = (bytes[offset] as number) & MEMORY_FOLLOWS ? 3 : 2;
  for (let left = numbers; left > 0; left--) while ((bytes[offset++] as number) >= 0x80);
  return offset;
}

function hex(value: number): string {
  return value.toString(16);
}
