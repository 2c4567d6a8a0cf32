// The name section, which debuggers and stack traces read: its indices follow those of the module.
// https://webassembly.github.io/spec/core/appendix/custom.html#name-section
import { isPlugbayError } from '@plugbay/core';
import type { Cursor } from './cursor.ts';
import { concat, unsigned } from './encode.ts';
import type { Space } from './index-space.ts';
import type { Layout } from './layout.ts';

const NAME = 'name';

// By subsection id: the space that it names, and whether each entry is again a list (locals of a function, fields of a type).
const SUBSECTIONS: Readonly<Partial<Record<number, readonly [space: Space, nested: boolean]>>> = {
  1: ['function', false],
  2: ['function', true],
  3: ['function', true],
  4: ['type', false],
  5: ['table', false],
  6: ['memory', false],
  7: ['global', false],
  8: ['element', false],
  9: ['data', false],
  10: ['type', true],
  11: ['tag', false],
};

/** Whether a custom section's content is names. */
export function isNameSection(content: Cursor): boolean {
  try {
    return content.name() === NAME;
  } catch (error) {
    if (isPlugbayError(error)) return false;
    throw error;
  }
}

/** The content of a name section as the layout has it, without names of imports that are gone; undefined when it cannot be read. */
export function mapNames(content: Cursor, layout: Layout): Uint8Array | undefined {
  try {
    const start = content.offset;
    content.name();
    const parts = [content.bytes.subarray(start, content.offset)];
    while (!content.done) {
      const from = content.offset;
      const id = content.byte();
      const subsection = content.part(content.u32());
      const [space, nested] = SUBSECTIONS[id] ?? [];
      const moves = space !== undefined && layout.maps[space] !== undefined;
      if (!moves) parts.push(content.bytes.subarray(from, content.offset));
      else {
        const list = mapList(subsection, space, nested === true, layout);
        parts.push(Uint8Array.of(id, ...unsigned(list.length)), list);
      }
    }
    return concat(parts);
  } catch (error) {
    // A custom section is no part of the module's meaning, so one that is broken is left out.
    if (isPlugbayError(error)) return undefined;
    throw error;
  }
}

function mapList(list: Cursor, space: Space, nested: boolean, { maps, answered }: Layout): Uint8Array {
  const parts: Uint8Array[] = [];
  let kept = 0;
  for (let left = list.u32(); left > 0; left--) {
    const index = list.u32();
    const start = list.offset;
    if (nested) skipNames(list);
    else list.skip(list.u32());
    const mapped = maps[space]?.[index];
    if (mapped === undefined || (space === 'function' && answered?.has(index))) continue;
    kept += 1;
    parts.push(Uint8Array.from(unsigned(mapped)), list.bytes.subarray(start, list.offset));
  }
  return concat([Uint8Array.from(unsigned(kept)), ...parts]);
}

function skipNames(list: Cursor): void {
  for (let left = list.u32(); left > 0; left--) {
    list.u32();
    list.skip(list.u32());
  }
}
