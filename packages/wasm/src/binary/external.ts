// The import and export sections: what a module wants from outside and what it shows.
import type { Cursor } from './cursor.ts';
import { type DeclaredLimits, readLimits } from './limits.ts';
import { type FunctionType, readValueType } from './types.ts';

/** What can be imported and exported. */
export type ExternalKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

/** One import. */
export interface ImportShape {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** A function's signature; undefined for other kinds. */
  readonly type: FunctionType | undefined;
  /** The limits of a memory or a table; undefined for other kinds. */
  readonly limits: DeclaredLimits | undefined;
}

/** One export. */
export interface ExportShape {
  readonly name: string;
  readonly kind: ExternalKind;
  /** Its index in the space of its kind. */
  readonly index: number;
  /** A function's signature; undefined for other kinds. */
  readonly type: FunctionType | undefined;
}

type Types = readonly (FunctionType | undefined)[];

const KINDS: readonly ExternalKind[] = ['function', 'table', 'memory', 'global', 'tag'];

/** Reads `count` imports. @throws PlugbayError `invalid`. */
export function readImports(cursor: Cursor, count: number, types: Types): ImportShape[] {
  const imports: ImportShape[] = [];
  for (let left = count; left > 0; left--) {
    const module = cursor.name();
    const name = cursor.name();
    const kind = readKind(cursor);
    let type: FunctionType | undefined;
    let limits: DeclaredLimits | undefined;
    if (kind === 'function') type = typeAt(cursor, types, cursor.u32());
    else if (kind === 'memory') limits = readLimits(cursor);
    else {
      // A table's and a global's type; a tag's attribute is a byte as well.
      if (kind === 'tag') cursor.byte();
      else readValueType(cursor);
      if (kind === 'table') limits = readLimits(cursor);
      else if (kind === 'global') cursor.byte();
      else cursor.u32();
    }
    imports.push({ module, name, kind, type, limits });
  }
  return imports;
}

/** Reads `count` exports; `functions` has the type index of every function, imported ones first. @throws PlugbayError `invalid`. */
export function readExports(
  cursor: Cursor,
  count: number,
  functions: readonly (FunctionType | undefined)[],
): ExportShape[] {
  const exports: ExportShape[] = [];
  for (let left = count; left > 0; left--) {
    const name = cursor.name();
    const kind = readKind(cursor);
    const index = cursor.u32();
    const type = kind === 'function' ? typeAt(cursor, functions, index) : undefined;
    exports.push({ name, kind, index, type });
  }
  return exports;
}

/** Reads the signatures of `count` functions. @throws PlugbayError `invalid`. */
export function readFunctions(cursor: Cursor, count: number, types: Types): FunctionType[] {
  const functions: FunctionType[] = [];
  for (let left = count; left > 0; left--) functions.push(typeAt(cursor, types, cursor.u32()));
  return functions;
}

function readKind(cursor: Cursor): ExternalKind {
  const code = cursor.byte();
  return KINDS[code] ?? cursor.fail(`has the unknown kind ${code} of import or export`, cursor.offset - 1);
}

function typeAt(cursor: Cursor, types: Types, index: number): FunctionType {
  return types[index] ?? cursor.fail(`refers to function or type ${index}, which it does not have,`);
}
