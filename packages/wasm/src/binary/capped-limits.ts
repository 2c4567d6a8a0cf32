// The limits that a module's memories and tables get under a cap.
import { PAGE_BYTES, PlugbayError } from '@plugbay/core';
import { type DeclaredLimits, encodeLimits } from './limits.ts';
import type { ModuleShape } from './module-shape.ts';
import { MEMORY_MAX_PAGES } from './stores.ts';

/** How far stores may grow. */
export interface Caps {
  /** Pages of all memories together. */
  readonly memoryPages: number;
  /** Entries of each table. */
  readonly tableEntries: number;
}

/** Limits in the binary format, one for each store that a module defines. */
export interface CappedLimits {
  readonly memories: readonly Uint8Array[];
  readonly tables: readonly Uint8Array[];
}

/**
 * The module's limits with its maxima lowered to `caps`; an imported memory is capped where it is defined.
 * @throws PlugbayError `limit` when its memories start larger than the cap.
 */
export function cappedLimits(shape: ModuleShape, caps: Caps): CappedLimits {
  const { memories, tables } = shape;
  return {
    memories:
      memories.length === 0 ? [] : memoryLimits(memories, Math.min(caps.memoryPages, MEMORY_MAX_PAGES)),
    tables: tables.map((table) =>
      encodeLimits(table, Math.min(table.maximum ?? caps.tableEntries, caps.tableEntries)),
    ),
  };
}

// What is left of the cap after every memory has its start is given to the first one that may grow, then to the next.
function memoryLimits(memories: readonly DeclaredLimits[], cap: number): Uint8Array[] {
  const initial = memories.reduce((sum, memory) => sum + memory.initial, 0);
  if (initial > cap) {
    throw new PlugbayError(
      'limit',
      `the module starts with ${initial} pages of memory; memoryPages is ${cap}`,
      {
        hint: `Raise memoryPages to ${initial} (${initial * PAGE_BYTES} bytes) or more.`,
      },
    );
  }
  let left = cap - initial;
  return memories.map((memory) => {
    const growth = Math.min(left, (memory.maximum ?? cap) - memory.initial);
    left -= growth;
    return encodeLimits(memory, memory.initial + growth);
  });
}
