// Element and data segments: what a module fills its tables and memories with, mapped.
import { unsigned } from './encode.ts';
import { mapIndex } from './index-space.ts';
import type { Rewriting } from './rewriting.ts';

// The bits of an element segment's flags.
const ELEMENT = { passiveOrDeclared: 1, explicit: 2, expressions: 4 } as const;
const ELEMENT_FLAGS_MAX = 7;
// What an active segment holds when it does not say: functions, or expressions of type funcref.
const KIND_FUNCTION = 0x00;
const TYPE_FUNCREF = 0x70;

/** One element segment. */
export function elementEntry(rewriting: Rewriting): void {
  const { cursor, patch } = rewriting;
  const from = cursor.offset;
  const flags = cursor.u32();
  if (flags > ELEMENT_FLAGS_MAX) cursor.fail(`has unknown element segment flags ${flags}`, from);
  const active = (flags & ELEMENT.passiveOrDeclared) === 0;
  const explicit = (flags & ELEMENT.explicit) !== 0;
  const expressions = (flags & ELEMENT.expressions) !== 0;
  if (active && explicit) rewriting.index('table');
  const named = active && !explicit && nameTable(rewriting, from, flags);
  if (active) rewriting.constant();
  if (named) patch.insert(cursor.offset, [expressions ? TYPE_FUNCREF : KIND_FUNCTION]);
  if (!active || explicit) {
    if (expressions) rewriting.valueType();
    else cursor.skip(1);
  }
  if (!expressions) return rewriting.indices('function');
  for (let left = cursor.u32(); left > 0; left--) rewriting.constant();
}

// A segment that does not name its table fills table 0; once that one has another index, the segment has to name it.
function nameTable({ cursor, maps, patch }: Rewriting, from: number, flags: number): boolean {
  const table = mapIndex(maps.table, 0, 'table', from);
  if (table === 0) return false;
  patch.insert(from, [flags | ELEMENT.explicit, ...unsigned(table)]);
  patch.copied = cursor.offset;
  return true;
}

const DATA = { active: 0, passive: 1, activeIn: 2 } as const;

/** One data segment. */
export function dataEntry(rewriting: Rewriting): void {
  const { cursor, maps, patch } = rewriting;
  const from = cursor.offset;
  const flags = cursor.u32();
  if (flags > DATA.activeIn) cursor.fail(`has unknown data segment flags ${flags}`, from);
  if (flags === DATA.activeIn) rewriting.index('memory');
  else if (flags === DATA.active) {
    const memory = mapIndex(maps.memory, 0, 'memory', from);
    if (memory !== 0) {
      patch.insert(from, [DATA.activeIn, ...unsigned(memory)]);
      patch.copied = cursor.offset;
    }
  }
  if (flags !== DATA.passive) rewriting.constant();
  rewriting.bytes();
}
