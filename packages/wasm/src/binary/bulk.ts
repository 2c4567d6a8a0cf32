// Bulk operations: instructions that take as long as their last operand says, so that one of them can be as much work as
// a loop.
import type { InstructionReader } from './instructions.ts';
import type { ModuleShape } from './module-shape.ts';
import { OPCODE } from './opcodes.ts';

/** What the length of a bulk operation counts. */
export type BulkKind = 'bytes' | 'entries' | 'pages';

/** What a bulk operation's length counts; undefined for other instructions. */
export function bulkKind(opcode: number): BulkKind | undefined {
  if (opcode === OPCODE.memoryGrow) return 'pages';
  return opcode > LAST_PLAIN ? BULK_KINDS.get(opcode) : undefined;
}

/**
 * Whether the length of the bulk operation at which the reader stands is an i64. `wide` says, by space and index, which
 * memories and tables have 64-bit addresses; what a module initialises from a segment has a 32-bit length in any case.
 */
export function hasWideLength(reader: InstructionReader, wide: WideStores): boolean {
  const { opcode, values } = reader;
  switch (opcode) {
    case OPCODE.memoryGrow:
    case OPCODE.memoryFill:
      return wide.memories[values[0] as number] === true;
    case OPCODE.tableGrow:
    case OPCODE.tableFill:
      return wide.tables[values[0] as number] === true;
    case OPCODE.memoryCopy:
      return wide.memories[values[0] as number] === true && wide.memories[values[1] as number] === true;
    case OPCODE.tableCopy:
      return wide.tables[values[0] as number] === true && wide.tables[values[1] as number] === true;
    default:
      return false;
  }
}

/** Which stores have 64-bit addresses, by index. */
export interface WideStores {
  readonly memories: readonly boolean[];
  readonly tables: readonly boolean[];
}

/** The stores of a module, imported ones first. */
export function wideStores(shape: ModuleShape): WideStores {
  const imported = (kind: 'memory' | 'table'): boolean[] =>
    shape.imports.filter((entry) => entry.kind === kind).map(({ limits }) => limits?.wide === true);
  return {
    memories: [...imported('memory'), ...shape.memories.map(({ wide }) => wide)],
    tables: [...imported('table'), ...shape.tables.map(({ wide }) => wide)],
  };
}

const LAST_PLAIN = 0xff;

const BULK_KINDS: ReadonlyMap<number, BulkKind> = new Map<number, BulkKind>([
  [OPCODE.memoryInit, 'bytes'],
  [OPCODE.memoryCopy, 'bytes'],
  [OPCODE.memoryFill, 'bytes'],
  [OPCODE.tableInit, 'entries'],
  [OPCODE.tableCopy, 'entries'],
  [OPCODE.tableGrow, 'entries'],
  [OPCODE.tableFill, 'entries'],
  [OPCODE.arrayNew, 'entries'],
  [OPCODE.arrayNewDefault, 'entries'],
  [OPCODE.arrayNewData, 'entries'],
  [OPCODE.arrayNewElement, 'entries'],
  [OPCODE.arrayFill, 'entries'],
  [OPCODE.arrayCopy, 'entries'],
  [OPCODE.arrayInitData, 'entries'],
  [OPCODE.arrayInitElement, 'entries'],
]);
