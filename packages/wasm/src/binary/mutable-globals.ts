// A module's mutable globals, exported so that the host can read what they hold and set it again: together with its memories
// and tables they are a module's state.

import { skipConstant } from './constant.ts';
import { Cursor } from './cursor.ts';
import type { AddedExport, ModuleEdit } from './edit.ts';
import type { ModuleShape } from './module-shape.ts';
import { SECTION } from './sections.ts';
import { readValueType, type ValueType } from './types.ts';

/** A global that a module defines and can change. */
export interface MutableGlobal {
  /** Its index, imported globals first. */
  readonly index: number;
  readonly type: ValueType;
}

/** What the name of an exported global starts with; its index follows. */
export const GLOBAL_EXPORT_PREFIX = 'plugbay:global/';

/**
 * The mutable globals that a module defines. Those that it imports are the state of whoever gives them to it.
 * @throws PlugbayError `invalid`, `unsupported` (an unknown type or instruction).
 */
export function mutableGlobals(bytes: Uint8Array, shape: ModuleShape): MutableGlobal[] {
  const section = shape.sections.find(({ id }) => id === SECTION.global);
  if (section === undefined) return [];
  const imported = shape.imports.filter(({ kind }) => kind === 'global').length;
  const cursor = new Cursor(bytes, section.start, section.end);
  const globals: MutableGlobal[] = [];
  const count = cursor.u32();
  for (let index = imported; index < imported + count; index++) {
    const type = readValueType(cursor);
    const mutable = cursor.byte() === 1;
    skipConstant(cursor);
    if (mutable) globals.push({ index, type });
  }
  return globals;
}

/** The exports that show these globals, for {@link ModuleEdit.exports} of an edit that moves no globals. JavaScript can read all but v128. */
export function globalExports(globals: readonly MutableGlobal[]): AddedExport[] {
  return globals.map(({ index }) => ({ name: `${GLOBAL_EXPORT_PREFIX}${index}`, kind: 'global', index }));
}
