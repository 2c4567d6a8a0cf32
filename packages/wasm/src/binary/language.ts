// The language a module was written in: a note that compilers leave, wrong as it may be.
// https://github.com/WebAssembly/tool-conventions/blob/main/ProducersSection.md
import { isPlugbayError } from '@plugbay/core';
import type { Cursor } from './cursor.ts';

/** What the producers section among these custom sections names first as the language; undefined when nothing does. */
export function readLanguage(customSections: readonly Cursor[]): string | undefined {
  try {
    const producers = customSections.find((cursor) => cursor.name() === 'producers');
    return producers === undefined ? undefined : firstLanguage(producers);
  } catch (error) {
    // A custom section is no part of the module's meaning, so one that is broken breaks nothing.
    if (isPlugbayError(error)) return undefined;
    throw error;
  }
}

function firstLanguage(producers: Cursor): string | undefined {
  for (let fields = producers.u32(); fields > 0; fields--) {
    const field = producers.name();
    for (let values = producers.u32(); values > 0; values--) {
      const value = producers.name();
      producers.name(); // its version
      if (field === 'language') return value;
    }
  }
  return undefined;
}
