// The type section: signatures of functions, and whether the module wants types that V8's collector owns.
import type { Cursor } from './cursor.ts';
import { type GuardPolicy, keepBound } from './policy.ts';

/** A value type as the text format writes it: `i32`, `i64`, `f32`, `f64`, `v128`, `funcref`, `(ref null 3)`, … */
export type ValueType = string;

/** A function's signature. */
export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Whether nothing is known of it, whatever else is said. @default false */
  readonly untyped?: boolean;
}

/** What a type section defines. */
export interface TypeSection {
  /** By type index; undefined where the type is no function's. */
  readonly types: readonly (FunctionType | undefined)[];
  /** Whether it defines structures, arrays or subtypes. */
  readonly gc: boolean;
}

/** Reads the type section's entries. @throws PlugbayError `invalid`, `limit` (types). */
export function readTypes(cursor: Cursor, count: number, policy: GuardPolicy): TypeSection {
  const types: (FunctionType | undefined)[] = [];
  let gc = false;
  const add = (form: number): void => {
    const type = readComposite(cursor, form);
    gc ||= type === undefined;
    types.push(type);
    keepBound(policy, 'types', types.length);
  };
  const addSubtype = (form: number): void => {
    if (form !== TYPE_FORM.sub && form !== TYPE_FORM.subFinal) return add(form);
    gc = true;
    for (let left = cursor.u32(); left > 0; left--) cursor.u32();
    add(cursor.byte());
  };
  for (let left = count; left > 0; left--) {
    const form = cursor.byte();
    if (form !== TYPE_FORM.rec) addSubtype(form);
    else for (let members = cursor.u32(); members > 0; members--) addSubtype(cursor.byte());
  }
  return { types, gc };
}

/** A signature in words: `(i64, i64) -> i64`. */
export function signature({ parameters, results }: FunctionType): string {
  const result = results.length === 1 ? results[0] : `(${results.join(', ')})`;
  return `(${parameters.join(', ')}) -> ${result}`;
}

/** The type of a function of a module whose bytes are gone: it may be any. */
export const UNTYPED: FunctionType = Object.freeze({ parameters: [], results: [], untyped: true });

/** Whether a type is {@link UNTYPED}, or what another thread has of it. */
export function isUntyped({ untyped }: FunctionType): boolean {
  return untyped === true;
}

/** Whether two functions have the same type, as far as it is known. */
export function isSameType(one: FunctionType, other: FunctionType): boolean {
  return isUntyped(one) || isUntyped(other) || signature(one) === signature(other);
}

/** Reads a value type. @throws PlugbayError `invalid`. */
export function readValueType(cursor: Cursor): ValueType {
  const at = cursor.offset;
  const code = cursor.byte();
  const plain = VALUE_TYPES[code];
  if (plain !== undefined) return plain;
  if (code === 0x63) return `(ref null ${readHeapType(cursor)})`;
  if (code === 0x64) return `(ref ${readHeapType(cursor)})`;
  return cursor.fail(`has the unknown value type 0x${code.toString(16)}`, at);
}

function readHeapType(cursor: Cursor): string {
  const at = cursor.offset;
  const index = cursor.s33();
  if (index >= 0) return String(index);
  // An abstract one is the value type of its nullable reference, seen as a negative number.
  const reference = VALUE_TYPES[index + 0x80];
  if (reference?.endsWith('ref')) return reference.slice(0, -3);
  return cursor.fail(`has the unknown heap type ${index}`, at);
}

/** The first bytes of types, and packed types of fields. */
export const TYPE_FORM = {
  rec: 0x4e,
  subFinal: 0x4f,
  sub: 0x50,
  array: 0x5e,
  struct: 0x5f,
  func: 0x60,
  i16: 0x77,
  i8: 0x78,
} as const;

const VALUE_TYPES: Readonly<Partial<Record<number, ValueType>>> = {
  127: 'i32',
  126: 'i64',
  125: 'f32',
  124: 'f64',
  123: 'v128',
  116: 'nullexnref',
  115: 'nullfuncref',
  114: 'nullexternref',
  113: 'nullref',
  112: 'funcref',
  111: 'externref',
  110: 'anyref',
  109: 'eqref',
  108: 'i31ref',
  107: 'structref',
  106: 'arrayref',
  105: 'exnref',
};

function readComposite(cursor: Cursor, form: number): FunctionType | undefined {
  switch (form) {
    case TYPE_FORM.func:
      return { parameters: readValueTypes(cursor), results: readValueTypes(cursor) };
    case TYPE_FORM.struct:
      for (let fields = cursor.u32(); fields > 0; fields--) readField(cursor);
      return undefined;
    case TYPE_FORM.array:
      readField(cursor);
      return undefined;
    default:
      return cursor.fail(`has the unknown type form 0x${form.toString(16)}`, cursor.offset - 1);
  }
}

function readValueTypes(cursor: Cursor): ValueType[] {
  const types: ValueType[] = [];
  for (let left = cursor.u32(); left > 0; left--) types.push(readValueType(cursor));
  return types;
}

// A value type or a packed one (i8, i16), and whether it can be changed.
function readField(cursor: Cursor): void {
  const code = cursor.bytes[cursor.offset];
  if (code === TYPE_FORM.i8 || code === TYPE_FORM.i16) cursor.skip(1);
  else readValueType(cursor);
  cursor.byte();
}
