// The shape of a module: everything about it that can be known without compiling or running it.
import { Cursor } from './cursor.ts';
import { type ExportShape, type ImportShape, readExports, readFunctions, readImports } from './external.ts';
import { InstructionReader } from './instructions.ts';
import { readLanguage } from './language.ts';
import type { DeclaredLimits } from './limits.ts';
import type { GuardPolicy } from './policy.ts';
import { countLocals } from './rewrite-code.ts';
import { readSections, SECTION, type Section } from './sections.ts';
import { readMemories, readTables, type TableShape } from './stores.ts';
import { type FunctionType, readTypes, type TypeSection } from './types.ts';

/** A custom section's name and size. */
export interface CustomSection {
  readonly name: string;
  /** Bytes, name included. */
  readonly bytes: number;
}

/** What a module declares. Counts are of what it defines itself; `imports` has the rest. */
export interface ModuleShape {
  /** Bytes of the whole module. */
  readonly bytes: number;
  readonly sections: readonly Section[];
  readonly types: number;
  readonly imports: readonly ImportShape[];
  readonly exports: readonly ExportShape[];
  readonly functions: number;
  /** The signature of each of these functions. */
  readonly signatures: readonly FunctionType[];
  readonly memories: readonly DeclaredLimits[];
  readonly tables: readonly TableShape[];
  readonly globals: number;
  readonly tags: number;
  readonly elementSegments: number;
  readonly dataSegments: number;
  /** Bytes of the largest function body. */
  readonly largestBody: number;
  /** Locals of all functions together, beside their parameters. */
  readonly locals: number;
  /** Whether a function runs as soon as the module is instantiated. */
  readonly start: boolean;
  /** Whether it defines structures, arrays or subtypes. */
  readonly gc: boolean;
  readonly customSections: readonly CustomSection[];
  /** The language it was written in, as its producers section says. */
  readonly language: string | undefined;
}

/** The shape of a module with nothing in it. */
export const EMPTY_SHAPE: ModuleShape = Object.freeze({
  bytes: 0,
  sections: [],
  types: 0,
  signatures: [],
  imports: [],
  exports: [],
  functions: 0,
  memories: [],
  tables: [],
  globals: 0,
  tags: 0,
  elementSegments: 0,
  dataSegments: 0,
  largestBody: 0,
  locals: 0,
  start: false,
  gc: false,
  customSections: [],
  language: undefined,
});

/**
 * Reads the shape of a module. Sections that only V8 needs are not looked into; it checks them when it compiles.
 * @throws PlugbayError `invalid` with the place, `limit` (a count of the policy, so that reading stays cheap),
 * `unsupported` (what no Node knows).
 */
export function readModuleShape(bytes: Uint8Array, policy: GuardPolicy): ModuleShape {
  const sections = readSections(bytes, policy);
  const count = (id: number): number => sections.find((section) => section.id === id)?.count ?? 0;
  const read = <T>(id: number, absent: T, reader: (cursor: Cursor, count: number) => T): T => {
    const section = sections.find((candidate) => candidate.id === id);
    if (section === undefined) return absent;
    const cursor = contentOf(bytes, section);
    const value = reader(cursor, cursor.u32());
    cursor.expectEnd(`section ${id}`);
    return value;
  };

  const none: TypeSection = { types: [], gc: false };
  const { types, gc } = read(SECTION.type, none, (cursor, n) => readTypes(cursor, n, policy));
  const imports = read<ImportShape[]>(SECTION.import, [], (cursor, n) => readImports(cursor, n, types));
  const own = read<FunctionType[]>(SECTION.function, [], (cursor, n) => readFunctions(cursor, n, types));
  const imported = imports.filter((candidate) => candidate.kind === 'function').map(({ type }) => type);
  const functions = [...imported, ...own];
  const customs = sections.filter(({ id }) => id === SECTION.custom);

  return {
    bytes: bytes.length,
    sections,
    types: types.length,
    imports,
    exports: read<ExportShape[]>(SECTION.export, [], (cursor, n) => readExports(cursor, n, functions)),
    functions: own.length,
    signatures: own,
    memories: read<DeclaredLimits[]>(SECTION.memory, [], readMemories),
    tables: read<TableShape[]>(SECTION.table, [], readTables),
    globals: count(SECTION.global),
    tags: count(SECTION.tag),
    elementSegments: count(SECTION.element),
    dataSegments: count(SECTION.data),
    ...read(SECTION.code, { largestBody: 0, locals: 0 }, readBodies),
    start: sections.some(({ id }) => id === SECTION.start),
    gc,
    customSections: customs.map((section) => customSection(bytes, section)),
    language: readLanguage(customs.map((section) => contentOf(bytes, section))),
  };
}

function contentOf(bytes: Uint8Array, { start, end }: Section): Cursor {
  return new Cursor(bytes, start, end);
}

function customSection(bytes: Uint8Array, section: Section): CustomSection {
  return { name: contentOf(bytes, section).name(), bytes: section.end - section.start };
}

function readBodies(cursor: Cursor, count: number): Pick<ModuleShape, 'largestBody' | 'locals'> {
  const reader = new InstructionReader(cursor.bytes);
  let largestBody = 0;
  let locals = 0;
  for (let left = count; left > 0; left--) {
    const length = cursor.u32();
    largestBody = Math.max(largestBody, length);
    locals += countLocals(cursor.part(length), reader);
  }
  return { largestBody, locals };
}
