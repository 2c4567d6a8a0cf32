// The start section: which function runs when a module is instantiated.
import { Cursor } from './cursor.ts';
import type { ModuleShape } from './module-shape.ts';
import { SECTION } from './sections.ts';

/** The index of a module's start function; undefined when it has none. */
export function startOf(bytes: Uint8Array, { sections }: ModuleShape): number | undefined {
  const section = sections.find(({ id }) => id === SECTION.start);
  return section === undefined ? undefined : new Cursor(bytes, section.start, section.end).u32();
}
