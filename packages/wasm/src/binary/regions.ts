// The regions of a function: its code outside of loops, and the code of each loop outside of inner loops. Without a jump
// back to a loop's start or a call, nothing in a region runs twice, so what is charged once for it is charged for all of it.
import { bulkKind } from './bulk.ts';
import { Cursor } from './cursor.ts';
import { InstructionReader } from './instructions.ts';
import { OPCODE } from './opcodes.ts';
import { countLocals } from './rewrite-code.ts';
import type { Section } from './sections.ts';

/**
 * Instructions that one unit of work stands for at most. A loop's turn and a call are a unit each up to here, as most of
 * them are; a longer one is several.
 */
export const UNIT_INSTRUCTIONS = 32;

// Those that leave the compiled code, such as bulk operations of no length, and those that other processors have to agree to take up
// to 50 ns.
const SLOW_INSTRUCTIONS = UNIT_INSTRUCTIONS / 2;

/** A part of a function that runs once per entry or once per turn. */
export interface Region {
  /** How many instructions it has; one that takes as long as many counts as many. */
  instructions: number;
  /** The functions that it calls, once per call. */
  readonly calls: number[];
  /** Calls through tables and references, which may reach any function. */
  unknownCalls: number;
}

/** What a function consists of. */
export interface FunctionRegions {
  readonly outside: Region;
  /** In the order of their starts. */
  readonly loops: readonly Region[];
  /** Whether it can catch exceptions. */
  readonly catches: boolean;
  /** Whether it throws any itself. */
  readonly throws: boolean;
  /** Instructions that take as long as an operand of theirs says. */
  readonly bulk: number;
}

/** The regions of every function that the module defines. @throws PlugbayError `invalid`, `unsupported` (an unknown instruction). */
export function readRegions(bytes: Uint8Array, code: Section): FunctionRegions[] {
  const cursor = new Cursor(bytes, code.start, code.end);
  const reader = new InstructionReader(bytes, code.start, code.end);
  const functions: FunctionRegions[] = [];
  for (let left = cursor.u32(); left > 0; left--) {
    const body = cursor.part(cursor.u32());
    reader.end = body.end;
    countLocals(body, reader);
    reader.offset = body.offset;
    functions.push(readBody(reader));
  }
  return functions;
}

function readBody(reader: InstructionReader): FunctionRegions {
  const outside = newRegion();
  const loops: Region[] = [];
  const outer: Region[] = [];
  let current = outside;
  let catches = false;
  let throws = false;
  let bulk = 0;
  while (reader.nextNotable(false)) {
    current.instructions += reader.passed + 1;
    switch (reader.opcode) {
      case OPCODE.block:
      case OPCODE.if:
        outer.push(current);
        break;
      case OPCODE.try:
      case OPCODE.tryTable:
        outer.push(current);
        catches = true;
        break;
      case OPCODE.loop:
        outer.push(current);
        current = newRegion();
        loops.push(current);
        break;
      case OPCODE.end:
      case OPCODE.delegate:
        current = outer.pop() ?? current;
        break;
      case OPCODE.throw:
      case OPCODE.throwRef:
      case OPCODE.rethrow:
        throws = true;
        break;
      case OPCODE.call:
      case OPCODE.returnCall:
        current.calls.push(reader.values[0] as number);
        break;
      case OPCODE.callIndirect:
      case OPCODE.returnCallIndirect:
      case OPCODE.callRef:
      case OPCODE.returnCallRef:
        current.unknownCalls += 1;
        break;
      default:
        if (bulkKind(reader.opcode) !== undefined) {
          bulk += 1;
          current.instructions += SLOW_INSTRUCTIONS;
        } else if (isAtomic(reader.opcode)) current.instructions += SLOW_INSTRUCTIONS;
    }
  }
  return { outside, loops, catches, throws, bulk };
}

const ATOMICS = 0xfe;

function isAtomic(opcode: number): boolean {
  return opcode >>> 16 === ATOMICS;
}

function newRegion(): Region {
  return { instructions: 0, calls: [], unknownCalls: 0 };
}
