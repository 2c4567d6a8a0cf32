// Where everything is once a module has been edited: imports come before what a module defines, so new ones move the rest.
import type { ExternalKind } from './external.ts';
import { IDENTITY, type IndexMap, type IndexMaps, type Space } from './index-space.ts';
import type { ModuleShape } from './module-shape.ts';

/** An import that is added to a module. */
export interface AddedImport {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** Its type as the import section has it, after the kind. */
  readonly type: ArrayLike<number>;
}

/** What moves the indices of a module. */
export interface Moves {
  /** Imports that are added, after those that the module has. */
  readonly imports?: readonly AddedImport[];
  /** Imports of functions that go: the index of each, and which of the added functions, imported ones first, it becomes. */
  readonly answered?: ReadonlyMap<number, number>;
}

/** The index spaces of an edited module. */
export interface Layout extends Moves {
  /** What the module's own indices become. */
  readonly maps: IndexMaps;
  /** The index of the `position`-th of what is added to a space; imports come first. */
  added(space: Space, position: number): number;
}

const IMPORTED: readonly ExternalKind[] = ['function', 'table', 'memory', 'global', 'tag'];

/** The layout of a module in which nothing moves but what `moves` says. */
export function layoutOf(shape: ModuleShape, moves: Moves = {}): Layout {
  const { imports = [], answered = new Map<number, number>() } = moves;
  const own = countsOf(shape);
  const added = countKinds(imports);
  const left = { ...own.imported, function: own.imported.function - answered.size };

  const indexOf = (space: Space, position: number): number => {
    const kind = IMPORTED.find((candidate) => candidate === space);
    if (kind === undefined) return own.defined[space] + position;
    return position < added[kind] ? left[kind] + position : left[kind] + own.defined[kind] + position;
  };
  const maps: Partial<Record<Space, IndexMap>> = {};
  for (const kind of IMPORTED) {
    const dropped = kind === 'function' ? answered : undefined;
    const moved = added[kind] - (dropped?.size ?? 0);
    if (moved === 0 && (dropped?.size ?? 0) === 0) continue;
    maps[kind] = mapOf(own.imported[kind], own.defined[kind], moved, dropped, (position) =>
      indexOf(kind, position),
    );
  }
  return { ...moves, maps: { ...IDENTITY, ...maps }, added: indexOf };
}

function mapOf(
  imported: number,
  defined: number,
  moved: number,
  dropped: ReadonlyMap<number, number> | undefined,
  indexOf: (position: number) => number,
): Uint32Array {
  const map = new Uint32Array(imported + defined);
  let kept = 0;
  for (let index = 0; index < imported; index++) {
    const answer = dropped?.get(index);
    map[index] = answer === undefined ? kept++ : indexOf(answer);
  }
  for (let index = imported; index < map.length; index++) map[index] = index + moved;
  return map;
}

/** How many of each kind a module imports, and of each space it defines. */
export function countsOf(shape: ModuleShape): {
  readonly imported: Record<ExternalKind, number>;
  readonly defined: Record<Space, number>;
} {
  return {
    imported: countKinds(shape.imports),
    defined: {
      function: shape.functions,
      table: shape.tables.length,
      memory: shape.memories.length,
      global: shape.globals,
      tag: shape.tags,
      type: shape.types,
      element: shape.elementSegments,
      data: shape.dataSegments,
    },
  };
}

function countKinds(imports: readonly { readonly kind: ExternalKind }[]): Record<ExternalKind, number> {
  const counts = { function: 0, table: 0, memory: 0, global: 0, tag: 0 };
  for (const { kind } of imports) counts[kind] += 1;
  return counts;
}
