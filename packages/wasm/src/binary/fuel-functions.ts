// The functions that a metered module gets: one for when it ran out of fuel, and some that charge for bulk operations.
import type { BulkKind } from './bulk.ts';
import type { Additions } from './edit.ts';
import { signed, unsigned } from './encode.ts';
import { body, entries, functionType } from './entries.ts';
import type { FuelTargets } from './fuel-code.ts';
import type { Layout } from './layout.ts';
import { OPCODE as O } from './opcodes.ts';

/** The types of these functions, in the order in which they are added. */
export const FUEL_TYPE = { tick: 0, empty: 1, narrow: 2, wide: 3 } as const;

/** Those of one module. */
export interface FuelFunctions extends Pick<FuelTargets, 'empty' | 'bulkCharge'> {
  readonly additions: Additions;
}

interface BulkCharge {
  readonly kind: BulkKind;
  readonly wide: boolean;
}

const KINDS: readonly BulkKind[] = ['bytes', 'entries', 'pages'];
const BULK_CHARGES: readonly BulkCharge[] = [false, true].flatMap((wide) =>
  KINDS.map((kind) => ({ kind, wide })),
);

// Units are 64 bytes: 2^6 of them, 2^3 entries of 8 bytes, and 2^-10 pages of 64 KiB.
const SHIFT: Readonly<Record<BulkKind, readonly [opcode: number, bits: number]>> = {
  bytes: [O.i64ShiftRightUnsigned, 6],
  entries: [O.i64ShiftRightUnsigned, 3],
  pages: [O.i64ShiftLeft, 10],
};

// Beyond what V8 has at all, an operation fails at once, so it costs nothing: 16 GiB of memory, arrays of 2^32, 2^18 pages.
const LENGTH_MAX: Readonly<Record<BulkKind, number>> = { bytes: 2 ** 34, entries: 2 ** 32, pages: 2 ** 18 };

const EMPTY_BLOCK = 0x40;

/** The functions for the fuel in the global `fuel`. The first of `imported` functions that are added is the tick. */
export function fuelFunctions(
  ownTypes: number,
  fuel: number,
  layout: Layout,
  imported: number,
): FuelFunctions {
  const at = (position: number): number => layout.added('function', imported + position);
  const empty = at(0);
  const tick = imported > 0 ? layout.added('function', 0) : undefined;
  return {
    empty,
    bulkCharge: (kind, wide) =>
      at(1 + BULK_CHARGES.findIndex((charge) => charge.kind === kind && charge.wide === wide)),
    additions: {
      type: entries([
        functionType([], ['i32']),
        functionType([], []),
        functionType(['i32'], ['i32']),
        functionType(['i64'], ['i64']),
      ]),
      function: entries([
        unsigned(ownTypes + FUEL_TYPE.empty),
        ...BULK_CHARGES.map(({ wide }) => unsigned(ownTypes + FUEL_TYPE[wide ? 'wide' : 'narrow'])),
      ]),
      code: entries([
        tick === undefined ? body([O.unreachable, O.end]) : refuel(fuel, tick),
        ...BULK_CHARGES.map((charge) => chargeBulk(charge, fuel, empty)),
      ]),
    },
  };
}

// Asks the host until the fuel is no longer below zero.
function refuel(fuel: number, tick: number): number[] {
  const count = unsigned(fuel);
  return body(
    [
      ...[O.loop, EMPTY_BLOCK],
      ...[O.call, ...unsigned(tick), O.localTee, 0, O.i32Const, 0, O.i32LessEqualSigned],
      ...[O.if, EMPTY_BLOCK, O.unreachable, O.end],
      ...[O.globalGet, ...count, O.localGet, 0, O.i64ExtendI32Signed, O.i64Add, O.globalSet, ...count],
      ...[O.globalGet, ...count, O.i64Const, 0, O.i64LessSigned, O.branchIf, 0],
      ...[O.end, O.end],
    ],
    ['i32'],
  );
}

// Subtracts the units of a length and returns it.
function chargeBulk({ kind, wide }: BulkCharge, fuel: number, empty: number): number[] {
  const count = unsigned(fuel);
  const length = [O.localGet, 0, ...(wide ? [] : [O.i64ExtendI32Unsigned])];
  const [shift, bits] = SHIFT[kind];
  return body([
    ...[O.globalGet, ...count],
    // Nothing, or the units, depending on whether the length is beyond the largest.
    ...[O.i64Const, 0, ...length, O.i64Const, bits, shift],
    ...[...length, O.i64Const, ...signed(LENGTH_MAX[kind]), O.i64GreaterUnsigned, O.select],
    ...[O.i64Sub, O.globalSet, ...count],
    ...[O.globalGet, ...count, O.i64Const, 0, O.i64LessSigned],
    ...[O.if, EMPTY_BLOCK, O.call, ...unsigned(empty), O.end],
    ...[O.localGet, 0, O.end],
  ]);
}
