// V8's own bounds on WebAssembly: a second wall behind the guard and the caps, for everything in this process.

import { setFlagsFromString } from 'node:v8';
import { ARTIFACT_MAX_BYTES, PlugbayError } from '@plugbay/core';
import { INLINE_POLICY } from '../binary/policy.ts';
import { MEMORY_MAX_PAGES } from '../binary/stores.ts';

/** Bounds on every module of this process, whoever compiles it. */
export interface ProcessLimits {
  /** Pages of 64 KiB that one memory may have. @default 65,536: what 32-bit addresses reach */
  readonly memoryPages?: number;
  /** Entries that one table may have. @default the guard's bound */
  readonly tableEntries?: number;
  /** Bytes of one module. @default the largest artifact */
  readonly moduleBytes?: number;
}

/**
 * Sets V8's flags for this process and its workers. It cannot be undone, and it holds for the app's own modules too, so that only
 * who owns the process should call it: `plugbay serve` does.
 * @throws PlugbayError `invalid` for a bound that is not a positive whole number.
 */
export function limitProcess(limits: ProcessLimits = {}): void {
  const {
    memoryPages = MEMORY_MAX_PAGES,
    tableEntries = INLINE_POLICY.tableEntries,
    moduleBytes = ARTIFACT_MAX_BYTES,
  } = limits;
  const bounds = Object.entries({ memoryPages, tableEntries, moduleBytes });
  for (const [name, value] of bounds) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new PlugbayError('invalid', `${name} must be a positive whole number, not ${value}`);
  }
  setFlagsFromString(`--wasm-max-mem-pages=${memoryPages}`);
  setFlagsFromString(`--wasm-max-table-size=${tableEntries}`);
  setFlagsFromString(`--wasm-max-module-size=${moduleBytes}`);
}
