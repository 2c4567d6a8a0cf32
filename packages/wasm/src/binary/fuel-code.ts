// The code that counts fuel. The count is a global; a function with loops keeps it in a local, because a global is memory,
// and a loop that waits for memory at every turn takes several times as long as one that waits for a register.
import { type BulkKind, bulkKind, hasWideLength, type WideStores } from './bulk.ts';
import type { FunctionCharges } from './charges.ts';
import { signed, unsigned } from './encode.ts';
import { NUMBER_TYPE } from './entries.ts';
import type { InstructionReader } from './instructions.ts';
import { OPCODE as O } from './opcodes.ts';
import type { Probe, Snippet } from './rewrite-code.ts';

/** What the code refers to, by index in the edited module. */
export interface FuelTargets {
  /** The global that holds the fuel that is left. */
  readonly fuel: number;
  /** The function that is called when none is left; it does not return before there is some. */
  readonly empty: number;
  /** The function that charges for a length and returns it. */
  bulkCharge(kind: BulkKind, wide: boolean): number;
  /** Whether a call of this function, by its index in the module as it was, charges nothing. */
  isQuiet(callee: number): boolean;
  readonly stores: WideStores;
}

// Units of an exception that is thrown: a tenth of a microsecond, even to the next handler.
const THROW_UNITS = 100;

const EMPTY_BLOCK = 0x40;

/** Charges in the global: for functions without loops, and for those that can catch, which may go on anywhere. */
export function globalProbe(charges: FunctionCharges, targets: FuelTargets): Probe {
  const fuel = unsigned(targets.fuel);
  const charge = (units: number): Snippet =>
    guarded(
      [
        ...[O.globalGet, ...fuel, O.i64Const, ...signed(units), O.i64Sub, O.globalSet, ...fuel],
        ...[O.globalGet, ...fuel, O.i64Const, 0, O.i64LessSigned],
      ],
      [O.call, ...unsigned(targets.empty)],
    );
  let loop = 0;
  return {
    ...(charges.entry > 0 && { entry: charge(charges.entry) }),
    before: (reader) =>
      THROWS.has(reader.opcode) ? charge(THROW_UNITS) : plain(bulkCharge(reader, targets)),
    after({ opcode }) {
      const units = opcode === O.loop ? charges.loops[loop++] : undefined;
      return units === undefined ? undefined : charge(units);
    },
  };
}

/** Charges in a local, which is the global's whenever other code can run: around calls, and where the function ends. */
export function localProbe(charges: FunctionCharges, targets: FuelTargets, local: number): Probe {
  const fuel = unsigned(targets.fuel);
  const own = unsigned(local);
  const save = [O.localGet, ...own, O.globalSet, ...fuel];
  const load = [O.globalGet, ...fuel, O.localSet, ...own];
  const charge = (units: number, before: readonly number[] = []): Snippet =>
    guarded(
      [
        ...before,
        ...[O.localGet, ...own, O.i64Const, ...signed(units), O.i64Sub, O.localTee, ...own],
        ...[O.i64Const, 0, O.i64LessSigned],
      ],
      [...save, O.call, ...unsigned(targets.empty), ...load],
    );
  let loop = 0;
  let depth = 0;
  return {
    local: NUMBER_TYPE.i64,
    entry: charges.entry > 0 ? charge(charges.entry, load) : { bytes: load },
    before(reader) {
      const charged = bulkCharge(reader, targets);
      if (charged !== undefined) return { bytes: [...save, ...charged, ...load] };
      if (THROWS.has(reader.opcode)) {
        const thrown = charge(THROW_UNITS);
        return { ...thrown, bytes: [...thrown.bytes, ...save] };
      }
      depth += nesting(reader.opcode);
      // Also at the function's own end, which closes more blocks than it opened.
      const leaves = reader.furthest >= depth || LEAVES.has(reader.opcode);
      return leaves || calls(reader, targets) ? { bytes: save } : undefined;
    },
    after(reader) {
      if (reader.opcode === O.loop) return charge(charges.loops[loop++] ?? 0);
      return calls(reader, targets) ? { bytes: load } : undefined;
    },
  };
}

// Code that runs when the condition on top of the stack holds, which it almost never does.
function guarded(condition: readonly number[], code: readonly number[]): Snippet {
  return { bytes: [...condition, O.if, EMPTY_BLOCK, ...code, O.end], unlikely: condition.length };
}

function plain(bytes: readonly number[] | undefined): Snippet | undefined {
  return bytes === undefined ? undefined : { bytes };
}

const THROWS: ReadonlySet<number> = new Set([O.throw, O.throwRef, O.rethrow]);

// Where a function can end other than at its last instruction, by branches and by exceptions.
const LEAVES: ReadonlySet<number> = new Set([O.return, O.returnCall, O.returnCallIndirect, O.returnCallRef]);

function nesting(opcode: number): number {
  if (opcode === O.block || opcode === O.loop || opcode === O.if) return 1;
  return opcode === O.end ? -1 : 0;
}

// Whether other code runs here and returns that may count fuel.
function calls({ opcode, values }: InstructionReader, targets: FuelTargets): boolean {
  if (opcode === O.call) return !targets.isQuiet(values[0] as number);
  return opcode === O.callIndirect || opcode === O.callRef;
}

// Below these, a length costs nothing: it is less than a unit.
const FREE_LENGTH: Readonly<Record<BulkKind, number>> = { bytes: 64, entries: 8, pages: 0 };

// Before each bulk operation the call that charges for its length, which is on top of the stack and stays there.
function bulkCharge(reader: InstructionReader, targets: FuelTargets): number[] | undefined {
  const kind = bulkKind(reader.opcode);
  if (kind === undefined || constantBefore(reader) < FREE_LENGTH[kind]) return undefined;
  return [O.call, ...unsigned(targets.bulkCharge(kind, hasWideLength(reader, targets.stores)))];
}

// The constant right before, when there is one and it is one byte long; such a byte is negative from 64 on.
function constantBefore({ bytes, lastPassed }: InstructionReader): number {
  if (lastPassed < 0 || bytes[lastPassed] !== O.i32Const) return Number.POSITIVE_INFINITY;
  return bytes[lastPassed + 1] as number;
}
