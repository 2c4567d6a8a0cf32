// Index spaces: what the numbers in a module refer to, and what each of them becomes when the module is edited.
import { PlugbayError } from '@plugbay/core';

/** The index spaces that instructions and sections refer to; the first five are also the codes of imports and exports. */
export const SPACE = {
  function: 0,
  table: 1,
  memory: 2,
  global: 3,
  tag: 4,
  type: 5,
  element: 6,
  data: 7,
} as const;

/** The name of an index space. */
export type Space = keyof typeof SPACE;

/** For each index of a space what it becomes; undefined when all of them stay. */
export type IndexMap = Uint32Array | undefined;

/** What the indices of every space become. */
export type IndexMaps = Readonly<Record<Space, IndexMap>>;

/** Maps under which every index stays. */
export const IDENTITY: IndexMaps = {
  function: undefined,
  table: undefined,
  memory: undefined,
  global: undefined,
  tag: undefined,
  type: undefined,
  element: undefined,
  data: undefined,
};

/** The map that adds `by` to each of `count` indices. */
export function shifted(count: number, by: number): IndexMap {
  return by === 0 ? undefined : Uint32Array.from({ length: count }, (_, index) => index + by);
}

/** What `index` becomes. @throws PlugbayError `invalid` when the module has no such index. */
export function mapIndex(map: IndexMap, index: number, space: Space, at: number): number {
  if (map === undefined) return index;
  const mapped = map[index];
  if (mapped === undefined)
    throw new PlugbayError(
      'invalid',
      `the module refers to ${space} ${index}, which it does not have, at byte ${at}`,
    );
  return mapped;
}
