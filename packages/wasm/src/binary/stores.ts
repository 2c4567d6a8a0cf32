// The memory and table sections: what a module can fill with data, and how far it may grow.
import { skipConstant } from './constant.ts';
import type { Cursor } from './cursor.ts';
import { type DeclaredLimits, readLimits } from './limits.ts';
import { readValueType } from './types.ts';

/** A table that a module defines. */
export interface TableShape extends DeclaredLimits {
  /** Where its limits stand in the module's bytes, so that they can be replaced. */
  readonly limitsStart: number;
  readonly limitsEnd: number;
}

/** Pages that 32-bit addresses reach. */
export const MEMORY_MAX_PAGES = 65_536;

/** Reads `count` memories. @throws PlugbayError `invalid`. */
export function readMemories(cursor: Cursor, count: number): DeclaredLimits[] {
  const memories: DeclaredLimits[] = [];
  for (let left = count; left > 0; left--) {
    const limits = readLimits(cursor);
    const { initial, maximum = initial, wide } = limits;
    // V8 would say so, but it never sees a maximum that the cap has lowered.
    if (!wide && Math.max(initial, maximum) > MEMORY_MAX_PAGES) cursor.fail('has a memory beyond 4 GiB');
    memories.push(limits);
  }
  return memories;
}

/** A table that starts with another entry than null says so with this byte and a zero; its entry is after its limits. */
export const TABLE_WITH_ENTRY = 0x40;

/** Reads `count` tables. @throws PlugbayError `invalid`, `unsupported` (an unknown constant). */
export function readTables(cursor: Cursor, count: number): TableShape[] {
  const tables: TableShape[] = [];
  for (let left = count; left > 0; left--) {
    const withEntry = cursor.bytes[cursor.offset] === TABLE_WITH_ENTRY;
    if (withEntry) cursor.skip(2);
    readValueType(cursor);
    const limitsStart = cursor.offset;
    const limits = readLimits(cursor);
    tables.push({ ...limits, limitsStart, limitsEnd: cursor.offset });
    if (withEntry) skipConstant(cursor);
  }
  return tables;
}
