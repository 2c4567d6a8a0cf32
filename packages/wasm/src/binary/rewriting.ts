// Reads one section and writes it with its indices mapped. Section by section, rewrite-sections.ts says what to read.
import type { Cursor } from './cursor.ts';
import { type IndexMaps, mapIndex, SPACE, type Space } from './index-space.ts';
import { InstructionReader, WRITTEN } from './instructions.ts';
import { readLimits } from './limits.ts';
import { OPCODE } from './opcodes.ts';
import { Patch } from './patch.ts';

const SPACES = Object.keys(SPACE) as Space[];

/** Writes the indices of the reader's instruction as `maps` has them; what stays is copied as it is. */
export function mapInstruction(reader: InstructionReader, patch: Patch, maps: IndexMaps): void {
  for (let place = 0; place < reader.indexCount; place++) {
    const space = SPACES[reader.spaces[place] as number] as Space;
    const map = maps[space];
    if (map === undefined) continue;
    const value = reader.values[place] as number;
    const from = reader.from[place] as number;
    const mapped = mapIndex(map, value, space, from);
    if (mapped !== value)
      patch.replaceIndex(from, reader.to[place] as number, mapped, reader.written[place] ?? WRITTEN.plainly);
  }
}

/** One section on its way. Whatever `cursor` passes over is copied, unless a method here changes it. */
export class Rewriting {
  readonly cursor: Cursor;
  readonly patch: Patch;
  readonly maps: IndexMaps;
  readonly #reader: InstructionReader;
  readonly #limits: Iterator<Uint8Array> | undefined;

  /** `limits` are what the memories or tables of the section get in their order; without them, theirs stay. */
  constructor(cursor: Cursor, maps: IndexMaps, limits?: readonly Uint8Array[]) {
    this.cursor = cursor;
    this.maps = maps;
    this.#limits = limits?.values();
    this.patch = new Patch(cursor.bytes, cursor.offset, (cursor.end - cursor.offset) * 1.1);
    this.#reader = new InstructionReader(cursor.bytes, cursor.offset, cursor.end);
  }

  /** An index of a space. */
  index(space: Space): void {
    const from = this.cursor.offset;
    const value = this.cursor.u32();
    const mapped = mapIndex(this.maps[space], value, space, from);
    if (mapped !== value) this.patch.replaceIndex(from, this.cursor.offset, mapped, WRITTEN.plainly);
  }

  /** A list of `count` indices. */
  indices(space: Space): void {
    for (let left = this.cursor.u32(); left > 0; left--) this.index(space);
  }

  valueType(): void {
    this.#reader.indexCount = 0;
    this.#reader.offset = this.cursor.offset;
    this.#reader.valueType();
    mapInstruction(this.#reader, this.patch, this.maps);
    this.cursor.skip(this.#reader.offset - this.cursor.offset);
  }

  /** A constant expression, up to and with its end. */
  constant(): void {
    const reader = this.#reader;
    reader.offset = this.cursor.offset;
    do {
      if (!reader.next()) this.cursor.fail('has a constant that does not end', reader.offset);
      mapInstruction(reader, this.patch, this.maps);
    } while (reader.opcode !== OPCODE.end);
    this.cursor.skip(reader.offset - this.cursor.offset);
  }

  /** The limits of a memory or a table. */
  limits(): void {
    const from = this.cursor.offset;
    readLimits(this.cursor);
    const limits = this.#limits?.next().value;
    if (limits === undefined) return;
    this.patch.insert(from, limits);
    this.patch.copied = this.cursor.offset;
  }

  /** Passes over `length` bytes that are given as a number before them. */
  bytes(): void {
    this.cursor.skip(this.cursor.u32());
  }
}
