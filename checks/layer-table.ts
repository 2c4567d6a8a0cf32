// The table of layers in docs/architecture.md: the single source of what each package may import.

import { hasFile, readText } from './workspace.ts';

/** Where the table is. */
export const TABLE_FILE = 'docs/architecture.md';

/** A package's layer; `'any'` is the package for tests, which may import everything and which only tests may import. */
export type Layer = number | 'any';

const ROW = /^\|\s*(\d+|–)\s*\|\s*`([^`]+)`/;

/** Package name → layer, from rows like ``| 0 | `@plugbay/core` | … |``; empty when the file or the table is missing. */
export function readLayerTable(root: string): Map<string, Layer> {
  const layers = new Map<string, Layer>();
  if (!hasFile(root, TABLE_FILE)) return layers;
  for (const line of readText(root, TABLE_FILE).split('\n')) {
    const [, layer, name] = ROW.exec(line) ?? [];
    if (layer !== undefined && name !== undefined) layers.set(name, layer === '–' ? 'any' : Number(layer));
  }
  return layers;
}
