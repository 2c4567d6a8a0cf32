// Edits a module: what goes, what is added, what the indices become, and code that is put into functions.
import { PlugbayError } from '@plugbay/core';
import { branchHints } from './branch-hints.ts';
import { type Caps, cappedLimits } from './capped-limits.ts';
import { Cursor } from './cursor.ts';
import { concat, lengthOf, name, unsigned } from './encode.ts';
import { type Entries, entries, exported } from './entries.ts';
import type { ExportShape } from './external.ts';
import { IDENTITY, SPACE } from './index-space.ts';
import { countsOf, type Layout } from './layout.ts';
import type { ModuleShape } from './module-shape.ts';
import { isNameSection, mapNames } from './names.ts';
import { codeMoves, type Instrumentation, rewriteCode } from './rewrite-code.ts';
import { rewriteEntries, rewriteImports, sectionMoves } from './rewrite-sections.ts';
import { Rewriting } from './rewriting.ts';
import { SECTION, SECTION_ORDER, type Section } from './sections.ts';

/** What is added, by section; imports are added by the layout. `code` has a body, after its length, for each of `function`. */
export type Additions = Readonly<
  Partial<
    Record<'type' | 'function' | 'table' | 'memory' | 'tag' | 'global' | 'element' | 'code' | 'data', Entries>
  >
>;

/** An export that is added to a module. */
export type AddedExport = Pick<ExportShape, 'name' | 'kind' | 'index'>;

/** What an edit does. Every index in it is the edited module's. */
export interface ModuleEdit {
  /**
   * Custom sections that stay: none; `name`, whose indices follow; or all. When code changes, others than `name` do not
   * stay, because they may say where in the code something is.
   */
  readonly custom: 'none' | 'name' | 'all';
  /** How far memories and tables may grow. */
  readonly caps?: Caps;
  /** Imports that go or are added. */
  readonly layout?: Layout;
  readonly append?: Additions;
  /** Exports that are added; their names are reserved, a module that has one of them is refused. */
  readonly exports?: readonly AddedExport[];
  /** The function that runs at instantiation instead of the module's own; `none` when none does. */
  readonly start?: number | 'none';
  /** Code that is put into the module's own functions. */
  readonly code?: Instrumentation;
}

const PREAMBLE_BYTES = 8;

/**
 * The edited module. Where nothing changes, the bytes are the same; an edit of nothing gives the same module. `shape` is that
 * of `bytes`.
 * @throws PlugbayError `limit` when the module starts larger than the caps, `invalid` when an index or an instruction is
 * wrong, or when the module uses a name that is added, `unsupported` for an instruction or a type that is not known (with its place).
 */
export function editModule(bytes: Uint8Array, shape: ModuleShape, edit: ModuleEdit): Uint8Array {
  refuseReserved(shape, edit);
  const limits = edit.caps === undefined ? undefined : cappedLimits(shape, edit.caps);
  const task: Task = {
    bytes,
    shape,
    edit,
    limits: { [SECTION.memory]: limits?.memories, [SECTION.table]: limits?.tables },
  };
  const present = new Set(shape.sections.map(({ id }) => id));
  const absent = SECTION_ORDER.filter((id) => !present.has(id));
  const parts: Uint8Array[] = [bytes.subarray(0, PREAMBLE_BYTES)];
  let header = PREAMBLE_BYTES;
  for (const section of shape.sections) {
    const rank = SECTION_ORDER.indexOf(section.id);
    while (
      absent[0] !== undefined &&
      section.id !== SECTION.custom &&
      SECTION_ORDER.indexOf(absent[0]) < rank
    )
      parts.push(...newSection(task, absent.shift() ?? 0));
    parts.push(...editedSection(task, section, header));
    header = section.end;
  }
  for (const id of absent) parts.push(...newSection(task, id));
  return concat(parts);
}

function refuseReserved({ imports, exports }: ModuleShape, edit: ModuleEdit): void {
  const names = new Set(edit.exports?.map(({ name: field }) => field));
  const taken = exports.find(({ name: field }) => names.has(field));
  if (taken !== undefined)
    throw new PlugbayError('invalid', `the module exports ${taken.name}, a name that is reserved`);
  const used = imports.find((own) =>
    edit.layout?.imports?.some((added) => added.module === own.module && added.name === own.name),
  );
  if (used !== undefined)
    throw new PlugbayError(
      'invalid',
      `the module imports ${used.module} ${used.name}, a name that is reserved`,
    );
}

interface Task {
  readonly bytes: Uint8Array;
  readonly shape: ModuleShape;
  readonly edit: ModuleEdit;
  /** New limits by section. */
  readonly limits: Readonly<Partial<Record<number, readonly Uint8Array[] | undefined>>>;
}

const ADDED: Readonly<Partial<Record<number, keyof Additions>>> = {
  [SECTION.type]: 'type',
  [SECTION.function]: 'function',
  [SECTION.table]: 'table',
  [SECTION.memory]: 'memory',
  [SECTION.tag]: 'tag',
  [SECTION.global]: 'global',
  [SECTION.element]: 'element',
  [SECTION.code]: 'code',
  [SECTION.data]: 'data',
};

function editedSection(task: Task, section: Section, header: number): Uint8Array[] {
  const { bytes, edit } = task;
  if (section.id === SECTION.custom) return customSection(task, section, header);
  if (section.id === SECTION.start) return startSection(task, section, header);
  if (section.id === SECTION.code) return codeSection(task, section, header);
  const added = addedTo(task, section.id);
  const own = ownEntries(task, section);
  if (own === undefined && added.count === 0) return [bytes.subarray(header, section.end)];
  if (section.id === SECTION.dataCount) return wrap(section.id, [list(section.count + added.count)]);
  const dropped = section.id === SECTION.import ? (edit.layout?.answered?.size ?? 0) : 0;
  const entries = own ?? bytes.subarray(entriesStart(bytes, section), section.end);
  return wrap(section.id, [list(section.count - dropped + added.count), entries, added.bytes]);
}

function newSection(task: Task, id: number): Uint8Array[] {
  const { start } = task.edit;
  if (id === SECTION.start) return typeof start === 'number' ? wrap(id, [list(start)]) : [];
  const added = addedTo(task, id);
  if (added.count === 0) return [];
  if (id === SECTION.dataCount) return wrap(id, [list(task.shape.dataSegments + added.count)]);
  return wrap(id, [list(added.count), added.bytes]);
}

const NOTHING: Entries = { count: 0, bytes: new Uint8Array(0) };

function addedTo({ edit }: Task, id: number): Entries {
  const { append = {}, exports = [], layout } = edit;
  if (id === SECTION.dataCount) return append.data ?? NOTHING;
  if (id === SECTION.import) {
    const imports = layout?.imports ?? [];
    const encoded = imports.map(({ module, name: field, kind, type }) =>
      Uint8Array.of(...name(module), ...name(field), SPACE[kind], ...Array.from(type)),
    );
    return { count: imports.length, bytes: concat(encoded) };
  }
  if (id === SECTION.export)
    return entries(exports.map(({ name: field, kind, index }) => exported(field, kind, index)));
  const section = ADDED[id];
  return (section && append[section]) ?? NOTHING;
}

// The section's own entries when something in them changes.
function ownEntries(task: Task, section: Section): Uint8Array | undefined {
  const { bytes, edit, limits } = task;
  const maps = edit.layout?.maps ?? IDENTITY;
  if (section.id === SECTION.import) {
    const { answered } = edit.layout ?? {};
    return answered?.size ? rewriteImports(bytes, section, answered) : undefined;
  }
  const capped = limits[section.id];
  if (capped === undefined && !sectionMoves(section, maps)) return undefined;
  return rewriteEntries(bytes, section, maps, capped);
}

function codeSection(task: Task, section: Section, header: number): Uint8Array[] {
  const { bytes, edit, shape } = task;
  const maps = edit.layout?.maps ?? IDENTITY;
  const added = addedTo(task, section.id);
  const changes = codeMoves(maps) || edit.code !== undefined;
  if (!changes && added.count === 0) return [bytes.subarray(header, section.end)];
  const code = changes
    ? rewriteCode(bytes, section, maps, edit.code)
    : { bytes: bytes.subarray(entriesStart(bytes, section), section.end), hints: [] };
  const imported = countsOf(shape).imported.function;
  const hints = branchHints(code.hints, maps.function?.[imported] ?? imported);
  return [
    ...(hints === undefined ? [] : wrap(SECTION.custom, [hints])),
    ...wrap(section.id, [list(section.count + added.count), code.bytes, added.bytes]),
  ];
}

function startSection({ bytes, edit }: Task, section: Section, header: number): Uint8Array[] {
  if (edit.start === 'none') return [];
  if (edit.start !== undefined) return wrap(section.id, [list(edit.start)]);
  const cursor = new Cursor(bytes, section.start, section.end);
  const rewriting = new Rewriting(cursor, edit.layout?.maps ?? IDENTITY);
  rewriting.index('function');
  const content = rewriting.patch.finish(section.end);
  const same = Buffer.compare(content, bytes.subarray(section.start, section.end)) === 0;
  return same ? [bytes.subarray(header, section.end)] : wrap(section.id, [content]);
}

function customSection({ bytes, edit }: Task, section: Section, header: number): Uint8Array[] {
  if (edit.custom === 'none') return [];
  const raw = [bytes.subarray(header, section.end)];
  const changes = edit.code !== undefined || codeMoves(edit.layout?.maps ?? IDENTITY);
  if (!isNameSection(new Cursor(bytes, section.start, section.end)))
    return edit.custom === 'all' && !changes ? raw : [];
  if (edit.layout === undefined) return raw;
  const content = mapNames(new Cursor(bytes, section.start, section.end), edit.layout);
  return content === undefined ? [] : wrap(SECTION.custom, [content]);
}

function entriesStart(bytes: Uint8Array, section: Section): number {
  const cursor = new Cursor(bytes, section.start, section.end);
  cursor.u32();
  return cursor.offset;
}

function list(count: number): Uint8Array {
  return Uint8Array.from(unsigned(count));
}

function wrap(id: number, content: readonly Uint8Array[]): Uint8Array[] {
  return [Uint8Array.of(id, ...unsigned(lengthOf(content))), ...content];
}
