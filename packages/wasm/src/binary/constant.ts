// Constant expressions, as they stand before a table's entries: only their end matters here.
import type { Cursor } from './cursor.ts';
import { InstructionReader } from './instructions.ts';
import { OPCODE } from './opcodes.ts';

/**
 * Passes over a constant expression. Which instructions may stand in one is V8's to check; none of them has an end of its own.
 * @throws PlugbayError `invalid`, `unsupported` (an unknown instruction).
 */
export function skipConstant(cursor: Cursor): void {
  const reader = new InstructionReader(cursor.bytes, cursor.offset, cursor.end);
  do {
    if (!reader.next()) cursor.fail('has a constant that does not end', reader.offset);
  } while (reader.opcode !== OPCODE.end);
  cursor.skip(reader.offset - cursor.offset);
}
