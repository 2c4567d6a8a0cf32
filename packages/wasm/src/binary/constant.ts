// Constant expressions, as they stand before a table's entries: only their end matters here.
import { PlugbayError } from '@plugbay/core';
import type { Cursor } from './cursor.ts';
import { readHeapType } from './types.ts';

const END = 0x0b;

/** Passes over a constant expression. @throws PlugbayError `invalid`, `unsupported` (an instruction that is not constant). */
export function skipConstant(cursor: Cursor): void {
  for (;;) {
    const at = cursor.offset;
    const opcode = cursor.byte();
    if (opcode === END) return;
    if (!skipOperands(cursor, opcode)) {
      throw new PlugbayError(
        'unsupported',
        `the module has a constant with opcode 0x${opcode.toString(16)} at byte ${at}`,
      );
    }
  }
}

function skipOperands(cursor: Cursor, opcode: number): boolean {
  switch (opcode) {
    case 0x41: // i32.const
      cursor.skipNumber(5);
      return true;
    case 0x42: // i64.const
      cursor.skipNumber(10);
      return true;
    case 0x43: // f32.const
      cursor.skip(4);
      return true;
    case 0x44: // f64.const
      cursor.skip(8);
      return true;
    case 0x23: // global.get
    case 0xd2: // ref.func
      cursor.u32();
      return true;
    case 0xd0: // ref.null
      readHeapType(cursor);
      return true;
    case 0x6a: // i32.add, i32.sub, i32.mul, i64.add, i64.sub, i64.mul
    case 0x6b:
    case 0x6c:
    case 0x7c:
    case 0x7d:
    case 0x7e:
      return true;
    case 0xfb:
      return skipCollected(cursor);
    default:
      return false;
  }
}

// Structures, arrays and i31 references; none of the inline policy's modules has them, but the shape can be read.
function skipCollected(cursor: Cursor): boolean {
  const opcode = cursor.u32();
  if (opcode === 26 || opcode === 27 || opcode === 28) return true; // conversions, ref.i31
  if (opcode > 1 && opcode !== 6 && opcode !== 7 && opcode !== 8) return false; // struct.new*, array.new*
  cursor.u32();
  if (opcode === 8) cursor.u32();
  return true;
}
