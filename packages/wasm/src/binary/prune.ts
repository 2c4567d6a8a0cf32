// Prunes a module to what some of its exports reach: a part of it becomes a part of another module, and what nobody calls costs
// every instance.
import { Cursor } from './cursor.ts';
import { concat, lengthOf, unsigned } from './encode.ts';
import { exported } from './entries.ts';
import { IDENTITY, type IndexMaps } from './index-space.ts';
import type { ShapedModule } from './merge.ts';
import { type ModuleShape, readModuleShape } from './module-shape.ts';
import { OWN_POLICY } from './policy.ts';
import { readRegions } from './regions.ts';
import { rewriteCode } from './rewrite-code.ts';
import { rewriteImports } from './rewrite-sections.ts';
import { SECTION, type Section } from './sections.ts';

const PREAMBLE_BYTES = 8;

/**
 * The module with those of its exports that are among `names`, and with the functions and imported functions that they and its
 * start function reach by calls. For modules of our own: they have no tables and take no references of functions.
 */
export function pruneModule({ bytes, shape }: ShapedModule, names: ReadonlySet<string>): ShapedModule {
  const exports = shape.exports.filter(({ name }) => names.has(name));
  const roots = exports.filter(({ kind }) => kind === 'function').map(({ index }) => index);
  const reached = reachedFrom([...roots, ...startOf(bytes, shape)], bytes, shape);
  const maps: IndexMaps = { ...IDENTITY, function: ranks(reached) };
  const place = (kind: string, index: number): number =>
    kind === 'function' ? (maps.function?.[index] ?? index) : index;

  const parts: Uint8Array[] = [bytes.subarray(0, PREAMBLE_BYTES)];
  const add = (id: number, entries: readonly Uint8Array[], count: number): void => {
    const size = lengthOf(entries);
    parts.push(Uint8Array.of(id, ...unsigned(size + unsigned(count).length), ...unsigned(count)), ...entries);
  };
  for (const section of shape.sections) {
    const { id, start, end } = section;
    if (id === SECTION.custom) continue;
    if (id === SECTION.import) {
      const dropped = droppedImports(shape, reached);
      add(id, [rewriteImports(bytes, section, dropped)], section.count - dropped.size);
    } else if (id === SECTION.function) {
      const types = keptOf(readTypeIndices(bytes, section), shape, reached);
      add(id, [Uint8Array.from(types.flatMap(unsigned))], types.length);
    } else if (id === SECTION.export) {
      const entries = exports.flatMap(({ name, kind, index }) => exported(name, kind, place(kind, index)));
      add(id, [Uint8Array.from(entries)], exports.length);
    } else if (id === SECTION.start) {
      const [function_ = 0] = startOf(bytes, shape);
      add(id, [], place('function', function_));
    } else if (id === SECTION.code) {
      const bodies = keptOf(readBodies(bytes, section), shape, reached);
      add(id, [mapBodies(bodies, maps)], bodies.length);
    } else {
      parts.push(Uint8Array.of(id, ...unsigned(end - start)), bytes.subarray(start, end));
    }
  }
  const pruned = concat(parts);
  return { bytes: pruned, shape: readModuleShape(pruned, OWN_POLICY) };
}

// By function index, imported ones first.
function reachedFrom(roots: readonly number[], bytes: Uint8Array, shape: ModuleShape): boolean[] {
  const imported = importedFunctions(shape);
  const code = shape.sections.find(({ id }) => id === SECTION.code);
  const regions = code === undefined ? [] : readRegions(bytes, code);
  const reached = new Array<boolean>(imported + shape.functions).fill(false);
  const open = [...roots];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (reached[index]) continue;
    reached[index] = true;
    const function_ = regions[index - imported];
    if (function_ === undefined) continue;
    open.push(...function_.outside.calls, ...function_.loops.flatMap(({ calls }) => calls));
  }
  return reached;
}

function importedFunctions({ imports }: ModuleShape): number {
  return imports.filter(({ kind }) => kind === 'function').length;
}

function startOf(bytes: Uint8Array, { sections }: ModuleShape): number[] {
  const section = sections.find(({ id }) => id === SECTION.start);
  return section === undefined ? [] : [new Cursor(bytes, section.start, section.end).u32()];
}

// What the index of each function that stays becomes; nobody refers to the others.
function ranks(reached: readonly boolean[]): Uint32Array {
  let rank = 0;
  return Uint32Array.from(reached, (stays) => (stays ? rank++ : 0));
}

// In the form that rewriting imports wants: the indices of those that go.
function droppedImports(shape: ModuleShape, reached: readonly boolean[]): Map<number, number> {
  const dropped = new Map<number, number>();
  for (let index = 0; index < importedFunctions(shape); index++) if (!reached[index]) dropped.set(index, 0);
  return dropped;
}

function keptOf<T>(defined: readonly T[], shape: ModuleShape, reached: readonly boolean[]): T[] {
  const imported = importedFunctions(shape);
  return defined.filter((_, ordinal) => reached[imported + ordinal]);
}

function readTypeIndices(bytes: Uint8Array, { start, end }: Section): number[] {
  const cursor = new Cursor(bytes, start, end);
  return Array.from({ length: cursor.u32() }, () => cursor.u32());
}

// Each with its length before it.
function readBodies(bytes: Uint8Array, { start, end }: Section): Uint8Array[] {
  const cursor = new Cursor(bytes, start, end);
  return Array.from({ length: cursor.u32() }, () => {
    const from = cursor.offset;
    cursor.skip(cursor.u32());
    return bytes.subarray(from, cursor.offset);
  });
}

function mapBodies(bodies: readonly Uint8Array[], maps: IndexMaps): Uint8Array {
  const content = concat([Uint8Array.from(unsigned(bodies.length)), ...bodies]);
  const section = { id: SECTION.code, start: 0, end: content.length, count: bodies.length };
  return rewriteCode(content, section, maps).bytes;
}
