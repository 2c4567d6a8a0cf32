// Merges two modules into one: the second answers imports of the first and becomes part of it, so that calls between them
// are calls inside one module, which V8 can inline.
import { PlugbayError } from '@plugbay/core';
import type { Caps } from './capped-limits.ts';
import { type AddedExport, type Additions, editModule } from './edit.ts';
import { unsigned } from './encode.ts';
import { body, type Entries, entries, functionType, joined } from './entries.ts';
import type { ExportShape, ImportShape } from './external.ts';
import { IDENTITY, type IndexMaps, type Space, shifted } from './index-space.ts';
import { countsOf, type Layout, layoutOf } from './layout.ts';
import type { ModuleShape } from './module-shape.ts';
import { OPCODE } from './opcodes.ts';
import { rewriteCode } from './rewrite-code.ts';
import { rewriteEntries, rewriteImportTypes } from './rewrite-sections.ts';
import { SECTION, type Section } from './sections.ts';
import { startOf } from './start.ts';
import { signature } from './types.ts';

/** A module with its shape. */
export interface ShapedModule {
  readonly bytes: Uint8Array;
  readonly shape: ModuleShape;
}

/** How two modules become one. */
export interface MergePlan {
  /** The namespace from which the first imports what the second exports. */
  readonly namespace: string;
  /** The functions that the second answers there; imports of other names stay imports. */
  readonly names: readonly string[];
  /** The namespace of the second's own imports in the merged module. The first must not import from it. */
  readonly importsAs: string;
  /** The second's exports that the merged module has, beside all of the first's. */
  readonly exports: readonly string[];
  /** What their names start with. */
  readonly exportPrefix: string;
  /**
   * The name under which the first's start function is exported instead of being run at instantiation, so that it can be run
   * once everything around the instance is there. @default it runs at instantiation, after the second's
   */
  readonly startAs?: string;
  /** Caps for the first's memories and tables; without them, they stay. */
  readonly caps?: Caps;
  /** Whether the first's names stay; its other custom sections and all of the second's go. @default false */
  readonly keepNames?: boolean;
}

/**
 * The two as one module. It imports what is left of the first's imports and, after them, the second's under `importsAs`. Start
 * functions run in the order in which they would in two instances: the second's, then the first's. Only the second's
 * indices and those that imports move are not what they were.
 * @throws PlugbayError `invalid` when the first imports an answered name as something else than the second exports, or uses a
 * name that is reserved for the second; else as {@link editModule}.
 */
export function mergeModules(first: ShapedModule, second: ShapedModule, plan: MergePlan): Uint8Array {
  refuseReserved(first.shape, plan);
  const answered = answeredImports(first.shape, second.shape, plan);
  const layout = layoutOf(first.shape, { imports: importsOf(first, second, plan.importsAs), answered });
  const maps = mapsOf(second.shape, layout);
  const own = ownAdditions(second, maps);
  const starts = { first: movedStart(first, layout.maps), second: movedStart(second, maps) };
  const edit = {
    custom: plan.keepNames === true ? 'name' : 'none',
    layout,
    exports: [...exportsOf(second.shape, plan, maps), ...exportedStart(starts.first, plan)],
    ...(plan.caps && { caps: plan.caps }),
  } as const;
  const runs = [starts.second, plan.startAs === undefined ? starts.first : undefined];
  const [one, two] = runs.filter((start) => start !== undefined);
  if (two === undefined)
    return editModule(first.bytes, first.shape, { ...edit, append: own, start: one ?? 'none' });
  return editModule(first.bytes, first.shape, {
    ...edit,
    append: { ...own, ...withStarter(own, first.shape.types + second.shape.types, [one ?? two, two]) },
    start: layout.added('function', countsOf(second.shape).imported.function + second.shape.functions),
  });
}

function refuseReserved(first: ModuleShape, { importsAs }: MergePlan): void {
  const imported = first.imports.find(({ module }) => module === importsAs);
  if (imported !== undefined)
    throw new PlugbayError(
      'invalid',
      `the module imports ${imported.name} from ${importsAs}, which is reserved`,
    );
}

// By index of the first's imported functions: which of the second's functions answers it.
function answeredImports(first: ModuleShape, second: ModuleShape, plan: MergePlan): Map<number, number> {
  const answers = new Map(second.exports.map((entry) => [entry.name, entry]));
  const names = new Set(plan.names);
  const answered = new Map<number, number>();
  let functions = 0;
  for (const entry of first.imports) {
    const index = entry.kind === 'function' ? functions++ : undefined;
    if (entry.module !== plan.namespace || !names.has(entry.name)) continue;
    const answer = answers.get(entry.name);
    if (answer === undefined) continue;
    answered.set(index ?? refuseType(entry, answer), matching(entry, answer));
  }
  return answered;
}

// A reference to a type of the module's own, as in (ref null 3): the other module's type 3 is another one.
const INDEXED_TYPE = /\(ref (null )?\d/;

function matching(entry: ImportShape, answer: ExportShape): number {
  if (entry.type === undefined || answer.type === undefined) return refuseType(entry, answer);
  const [wanted, given] = [signature(entry.type), signature(answer.type)];
  if (wanted !== given) return refuseType(entry, answer);
  if (INDEXED_TYPE.test(given))
    throw new PlugbayError(
      'unsupported',
      `the type of ${entry.module} ${entry.name} refers to another type: ${given}`,
    );
  return answer.index;
}

function refuseType(entry: ImportShape, answer: ExportShape): never {
  const described = ({ kind, type }: ImportShape | ExportShape): string =>
    type === undefined ? `a ${kind}` : `a function ${signature(type)}`;
  throw new PlugbayError(
    'invalid',
    `the module imports ${entry.module} ${entry.name} as ${described(entry)}; it is ${described(answer)}`,
  );
}

function exportsOf(second: ModuleShape, plan: MergePlan, maps: IndexMaps): AddedExport[] {
  return second.exports
    .filter(({ name }) => plan.exports.includes(name))
    .map(({ name, kind, index }) => ({
      name: plan.exportPrefix + name,
      kind,
      index: maps[kind]?.[index] ?? index,
    }));
}

function exportedStart(start: number | undefined, { startAs }: MergePlan): AddedExport[] {
  return start === undefined || startAs === undefined
    ? []
    : [{ name: startAs, kind: 'function', index: start }];
}

function importsOf(first: ShapedModule, second: ShapedModule, importsAs: string): Layout['imports'] & object {
  const section = second.shape.sections.find(({ id }) => id === SECTION.import);
  if (section === undefined) return [];
  const maps = { ...IDENTITY, type: shifted(second.shape.types, first.shape.types) };
  const types = rewriteImportTypes(second.bytes, section, maps);
  return second.shape.imports.map(({ name, kind }, place) => ({
    module: importsAs,
    name,
    kind,
    type: types[place] as Uint8Array,
  }));
}

// What the second's indices become.
function mapsOf(second: ModuleShape, layout: Layout): IndexMaps {
  const { imported, defined } = countsOf(second);
  const placed = (space: Space): Uint32Array => {
    const own = space === 'type' || space === 'element' || space === 'data' ? 0 : imported[space];
    return Uint32Array.from({ length: own + defined[space] }, (_, position) => layout.added(space, position));
  };
  return {
    function: placed('function'),
    table: placed('table'),
    memory: placed('memory'),
    global: placed('global'),
    tag: placed('tag'),
    type: placed('type'),
    element: placed('element'),
    data: placed('data'),
  };
}

const ADDED = [
  'type',
  'function',
  'table',
  'memory',
  'tag',
  'global',
  'element',
  'data',
] as const satisfies (keyof Additions & keyof typeof SECTION)[];

function ownAdditions({ bytes, shape }: ShapedModule, maps: IndexMaps): Additions {
  const sectionOf = (id: number): Section | undefined => shape.sections.find((section) => section.id === id);
  const added: Partial<Record<keyof Additions, Entries>> = {};
  for (const name of ADDED) {
    const section = sectionOf(SECTION[name]);
    if (section !== undefined)
      added[name] = { count: section.count, bytes: rewriteEntries(bytes, section, maps) };
  }
  const code = sectionOf(SECTION.code);
  if (code !== undefined) added.code = { count: code.count, bytes: rewriteCode(bytes, code, maps).bytes };
  return added;
}

function movedStart({ bytes, shape }: ShapedModule, maps: IndexMaps): number | undefined {
  const start = startOf(bytes, shape);
  return start === undefined ? undefined : (maps.function?.[start] ?? start);
}

const NONE: Entries = { count: 0, bytes: new Uint8Array(0) };

function withStarter(own: Additions, type: number, starts: readonly number[]): Additions {
  const calls = starts.flatMap((start) => [OPCODE.call, ...unsigned(start)]);
  return {
    type: joined(own.type ?? NONE, entries([functionType([], [])])),
    function: joined(own.function ?? NONE, entries([unsigned(type)])),
    code: joined(own.code ?? NONE, entries([body([...calls, OPCODE.end])])),
  };
}
