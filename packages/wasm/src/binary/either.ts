// Either: a module that hands a call on to one of two functions, as its host says right then. JavaScript cannot stand in between,
// because a guest can be suspended only where nothing but WebAssembly is on its stack.
import { PlugbayError } from '@plugbay/core';
import { concat, lengthOf, name, unsigned } from './encode.ts';
import {
  body,
  type Entries,
  entries,
  exported,
  functionType,
  NUMBER_TYPE,
  type NumberType,
} from './entries.ts';
import { SPACE } from './index-space.ts';
import { OPCODE as O } from './opcodes.ts';
import { SECTION } from './sections.ts';
import { type FunctionType, signature, type ValueType } from './types.ts';

/** What such a module imports and exports. */
export const EITHER = {
  module: 'host',
  /** A mutable i32 global: not 0 when calls go to `later`. */
  suspends: 'suspends',
  now: 'now',
  later: 'later',
  /** The export that is called. */
  call: 'call',
} as const;

/**
 * A module that exports {@link EITHER}.call, a function of this type, and imports two others of it, to one of which each call goes.
 * @throws PlugbayError `unsupported` for a type of other than numbers.
 */
export function eitherModule(type: FunctionType): Uint8Array<ArrayBuffer> {
  const { module, suspends, now, later, call } = EITHER;
  const own = functionType(numbers(type, type.parameters), numbers(type, type.results));
  const imported = (field: string, kind: 'global' | 'function', described: readonly number[]): number[] => [
    ...[...name(module), ...name(field)],
    ...[SPACE[kind], ...described],
  ];
  const sections = [
    section(SECTION.type, entries([own])),
    section(
      SECTION.import,
      entries([
        imported(suspends, 'global', [NUMBER_TYPE.i32, MUTABLE]),
        imported(now, 'function', [ONLY_TYPE]),
        imported(later, 'function', [ONLY_TYPE]),
      ]),
    ),
    section(SECTION.function, entries([[ONLY_TYPE]])),
    section(SECTION.export, entries([exported(call, 'function', FUNCTION.call)])),
    section(SECTION.code, entries([body(choose(type.parameters.length))])),
  ];
  return new Uint8Array(concat([PREAMBLE, ...sections.flat()]));
}

const PREAMBLE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const EMPTY_BLOCK = 0x40;
const MUTABLE = 1;
const ONLY_TYPE = 0;
const SUSPENDS_GLOBAL = 0;
const FUNCTION = { now: 0, later: 1, call: 2 } as const;

// Tail calls, so that nothing of this module is on the stack any more.
function choose(parameters: number): number[] {
  const all = Array.from({ length: parameters }, (_, index) => [O.localGet, ...unsigned(index)]).flat();
  return [
    ...[O.globalGet, SUSPENDS_GLOBAL, O.if, EMPTY_BLOCK],
    ...[...all, O.returnCall, FUNCTION.later, O.end],
    ...[...all, O.returnCall, FUNCTION.now, O.end],
  ];
}

function numbers(type: FunctionType, values: readonly ValueType[]): NumberType[] {
  return values.map((value) => {
    if (Object.hasOwn(NUMBER_TYPE, value)) return value as NumberType;
    throw new PlugbayError('unsupported', `a function of other than numbers: ${signature(type)}`);
  });
}

function section(id: number, { count, bytes }: Entries): Uint8Array[] {
  const listed = Uint8Array.from(unsigned(count));
  return [Uint8Array.of(id, ...unsigned(lengthOf([listed, bytes]))), listed, bytes];
}
