// The XTP client's `memory` option: what it means for a plugin's limits.
import { type Limits, PAGE_BYTES, PlugbayError } from '@plugbay/core';
import { INLINE_POLICY } from '@plugbay/wasm';
import { readModuleShape } from '@plugbay/wasm/internal';

/** Limits of a plugin's memory, under the names of the XTP client. Each is a positive whole number. */
export interface MemoryOptions {
  /**
   * Pages of 64 KiB: what travels in and out of the plugin during one call may have so many, and its own memory may grow by so many.
   * From 1 to 32,766. @default 1,024 each, and the own memory starts within them
   */
  readonly maxPages?: number | undefined;
  /** Bytes of the body of one HTTP answer, decoded. @default 52,428,800, 50 MiB */
  readonly maxHttpResponseBytes?: number | undefined;
  /** Bytes of all variables, with their names and 48 bytes for each. @default 1,048,576, 1 MiB */
  readonly maxVarBytes?: number | undefined;
}

// 2 GiB less 128 KiB: what the engine's exchange memory can have.
const MAX_PAGES = 32_766;

const MOST: Readonly<Record<keyof MemoryOptions, number>> = {
  maxPages: MAX_PAGES,
  maxHttpResponseBytes: Number.MAX_SAFE_INTEGER,
  maxVarBytes: Number.MAX_SAFE_INTEGER,
};

/** Checks the option. @throws PlugbayError `invalid` that names what is unknown or out of range. */
export function checkMemory(memory: MemoryOptions): MemoryOptions {
  for (const [name, value] of Object.entries(memory)) {
    const most = Object.hasOwn(MOST, name) ? MOST[name as keyof MemoryOptions] : undefined;
    if (most === undefined) {
      throw new PlugbayError('invalid', `memory.${name} is no option`, {
        hint: `Use ${Object.keys(MOST).join(', ')}.`,
      });
    }
    if (value === undefined || (Number.isSafeInteger(value) && value > 0 && value <= most)) continue;
    throw new PlugbayError(
      'invalid',
      `memory.${name} must be a whole number from 1 to ${most}, not ${String(value)}`,
    );
  }
  return memory;
}

/**
 * The limits that the option makes for a module.
 * @throws PlugbayError `invalid`, `limit`, `unsupported` for bytes that are no module of a kind that can be opened.
 */
export function memoryLimits({ maxPages, maxVarBytes }: MemoryOptions, bytes: Uint8Array): Partial<Limits> {
  return {
    ...(maxVarBytes === undefined ? {} : { variableBytes: maxVarBytes }),
    ...(maxPages === undefined ? {} : pageLimits(maxPages, bytes)),
  };
}

// What a module starts with is not counted, as in the Extism runtime: it is its program and its stack.
function pageLimits(maxPages: number, bytes: Uint8Array): Partial<Limits> {
  const { memories } = readModuleShape(bytes, INLINE_POLICY);
  const initial = memories.reduce((sum, memory) => sum + memory.initial, 0);
  return { exchangeBytes: maxPages * PAGE_BYTES, memoryPages: initial + maxPages };
}
