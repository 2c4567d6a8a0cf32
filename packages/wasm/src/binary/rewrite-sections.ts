// What each section is made of, as far as it takes to map the indices in it. https://webassembly.github.io/spec/core/binary/modules.html
import { Cursor } from './cursor.ts';
import { IDENTITY, type IndexMaps, type Space } from './index-space.ts';
import { readLimits } from './limits.ts';
import { dataEntry, elementEntry } from './rewrite-segments.ts';
import { Rewriting } from './rewriting.ts';
import { SECTION, type Section } from './sections.ts';
import { TABLE_WITH_ENTRY } from './stores.ts';
import { TYPE_FORM } from './types.ts';

// Reads one entry of a section and maps its indices.
type EntryRewriter = (rewriting: Rewriting) => void;

interface SectionRewriter {
  /** The spaces whose indices can stand there. */
  readonly spaces: readonly Space[];
  readonly entry: EntryRewriter;
}

const KINDS: readonly Space[] = ['function', 'table', 'memory', 'global', 'tag'];

// By section id; the sections without indices, and code, are not there.
const SECTION_REWRITERS: Readonly<Partial<Record<number, SectionRewriter>>> = {
  [SECTION.type]: { spaces: ['type'], entry: typeEntry },
  [SECTION.import]: { spaces: ['type'], entry: (rewriting) => void importEntry(rewriting) },
  [SECTION.function]: { spaces: ['type'], entry: (rewriting) => rewriting.index('type') },
  [SECTION.table]: { spaces: ['type', 'function', 'global'], entry: tableEntry },
  [SECTION.memory]: { spaces: [], entry: (rewriting) => rewriting.limits() },
  [SECTION.tag]: { spaces: ['type'], entry: tagEntry },
  [SECTION.global]: { spaces: ['type', 'function', 'global'], entry: globalEntry },
  [SECTION.export]: { spaces: KINDS, entry: exportEntry },
  [SECTION.element]: { spaces: ['type', 'function', 'global', 'table'], entry: elementEntry },
  [SECTION.data]: { spaces: ['type', 'function', 'global', 'memory'], entry: dataEntry },
};

function typeEntry(rewriting: Rewriting): void {
  const { cursor } = rewriting;
  const form = cursor.byte();
  if (form !== TYPE_FORM.rec) return subtype(rewriting, form);
  for (let members = cursor.u32(); members > 0; members--) subtype(rewriting, cursor.byte());
}

function subtype(rewriting: Rewriting, form: number): void {
  if (form !== TYPE_FORM.sub && form !== TYPE_FORM.subFinal) return composite(rewriting, form);
  rewriting.indices('type');
  composite(rewriting, rewriting.cursor.byte());
}

function composite(rewriting: Rewriting, form: number): void {
  if (form === TYPE_FORM.func) {
    valueTypes(rewriting);
    valueTypes(rewriting);
  } else if (form === TYPE_FORM.struct) {
    for (let fields = rewriting.cursor.u32(); fields > 0; fields--) field(rewriting);
  } else if (form === TYPE_FORM.array) field(rewriting);
  else rewriting.cursor.fail(`has the unknown type form 0x${form.toString(16)}`, rewriting.cursor.offset - 1);
}

function valueTypes(rewriting: Rewriting): void {
  for (let left = rewriting.cursor.u32(); left > 0; left--) rewriting.valueType();
}

// A value type or a packed one (i8, i16), and whether it can be changed.
function field(rewriting: Rewriting): void {
  const { cursor } = rewriting;
  const code = cursor.bytes[cursor.offset];
  if (code === TYPE_FORM.i8 || code === TYPE_FORM.i16) cursor.skip(1);
  else rewriting.valueType();
  cursor.skip(1);
}

// Answers with the kind of the import.
function importEntry(rewriting: Rewriting): Space {
  rewriting.bytes();
  rewriting.bytes();
  const kind = kindOf(rewriting);
  importType(rewriting, kind);
  return kind;
}

function importType(rewriting: Rewriting, kind: Space): void {
  const { cursor } = rewriting;
  switch (kind) {
    case 'function':
      return rewriting.index('type');
    case 'table':
      rewriting.valueType();
      readLimits(cursor);
      return;
    case 'memory':
      readLimits(cursor);
      return;
    case 'global':
      rewriting.valueType();
      return cursor.skip(1);
    default:
      return tagEntry(rewriting);
  }
}

function tableEntry(rewriting: Rewriting): void {
  const { cursor } = rewriting;
  const withEntry = cursor.bytes[cursor.offset] === TABLE_WITH_ENTRY;
  if (withEntry) cursor.skip(2);
  rewriting.valueType();
  rewriting.limits();
  if (withEntry) rewriting.constant();
}

function tagEntry(rewriting: Rewriting): void {
  rewriting.cursor.skip(1);
  rewriting.index('type');
}

function globalEntry(rewriting: Rewriting): void {
  rewriting.valueType();
  rewriting.cursor.skip(1);
  rewriting.constant();
}

function exportEntry(rewriting: Rewriting): void {
  rewriting.bytes();
  rewriting.index(kindOf(rewriting));
}

function kindOf({ cursor }: Rewriting): Space {
  const code = cursor.byte();
  return KINDS[code] ?? cursor.fail(`has the unknown kind ${code} of import or export`, cursor.offset - 1);
}

/** The import section's entries without those of the functions that `answered` has. */
export function rewriteImports(
  bytes: Uint8Array,
  section: Section,
  answered: ReadonlyMap<number, number>,
): Uint8Array {
  const cursor = new Cursor(bytes, section.start, section.end);
  cursor.u32();
  const rewriting = new Rewriting(cursor, IDENTITY);
  let functions = 0;
  for (let left = section.count; left > 0; left--) {
    const from = cursor.offset;
    if (importEntry(rewriting) !== 'function' || !answered.has(functions++)) continue;
    rewriting.patch.copyTo(from);
    rewriting.patch.copied = cursor.offset;
  }
  return rewriting.patch.finish(section.end);
}

/** The section's entries, mapped, without their count. `limits` are what its memories or tables get instead of theirs. */
export function rewriteEntries(
  bytes: Uint8Array,
  section: Section,
  maps: IndexMaps,
  limits?: readonly Uint8Array[],
): Uint8Array {
  const cursor = new Cursor(bytes, section.start, section.end);
  cursor.u32();
  const rewriter = SECTION_REWRITERS[section.id];
  if (rewriter === undefined) return bytes.subarray(cursor.offset, section.end);
  const rewriting = new Rewriting(cursor, maps, limits);
  for (let left = section.count; left > 0; left--) rewriter.entry(rewriting);
  cursor.expectEnd(`section ${section.id}`);
  return rewriting.patch.finish(section.end);
}

/** For each import its type after the kind, mapped. */
export function rewriteImportTypes(bytes: Uint8Array, section: Section, maps: IndexMaps): Uint8Array[] {
  const cursor = new Cursor(bytes, section.start, section.end);
  const types: Uint8Array[] = [];
  for (let left = cursor.u32(); left > 0; left--) {
    cursor.skip(cursor.u32());
    cursor.skip(cursor.u32());
    const code = cursor.byte();
    const rewriting = new Rewriting(cursor, maps);
    importType(rewriting, KINDS[code] as Space);
    types.push(rewriting.patch.finish(cursor.offset));
  }
  return types;
}

/** Whether the maps move an index that can stand in the section. */
export function sectionMoves({ id }: Section, maps: IndexMaps): boolean {
  return SECTION_REWRITERS[id]?.spaces.some((space) => maps[space] !== undefined) ?? false;
}
