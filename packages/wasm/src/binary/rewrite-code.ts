// Function bodies: indices mapped, and code of ours put into them.
import { PlugbayError } from '@plugbay/core';
import type { FunctionHints } from './branch-hints.ts';
import { Cursor } from './cursor.ts';
import { type IndexMaps, SPACE, type Space } from './index-space.ts';
import { InstructionReader, WRITTEN } from './instructions.ts';
import { Patch } from './patch.ts';
import { mapInstruction } from './rewriting.ts';
import type { Section } from './sections.ts';

/** A piece of code of ours. */
export interface Snippet {
  readonly bytes: readonly number[];
  /** Where in it an `if` stands that is almost never taken, so that V8 keeps what it guards out of the way. */
  readonly unlikely?: number;
}

/** Code that is put into one function. */
export interface Probe {
  /** The type of a local that the function gets after its own. */
  readonly local?: number;
  /** What runs when the function is entered. */
  readonly entry?: Snippet;
  /** What runs right before the reader's instruction; only asked for notable ones, which {@link InstructionReader.nextNotable} has. */
  before?(reader: InstructionReader): Snippet | undefined;
  /** What runs right after it: after `loop`, at every turn. */
  after?(reader: InstructionReader): Snippet | undefined;
}

/** Function bodies as they are after an edit. */
export interface RewrittenCode {
  /** The bodies, without their count. */
  readonly bytes: Uint8Array;
  readonly hints: readonly FunctionHints[];
}

/**
 * The code for the `ordinal`-th function that the module defines, which has so many locals beside its parameters; undefined
 * when it gets none. Its indices are the edited module's.
 */
export type Instrumentation = (ordinal: number, locals: number) => Probe | undefined;

// V8's own bound: beyond it, it refuses the module.
const BODY_MAX_BYTES = 7_654_321;

/** Whether code has to be read for its indices under these maps. */
export function codeMoves(maps: IndexMaps): boolean {
  return (Object.keys(SPACE) as Space[]).some((space) => maps[space] !== undefined);
}

/** Rewrites the bodies of the code section. */
export function rewriteCode(
  bytes: Uint8Array,
  section: Section,
  maps: IndexMaps,
  instrumentation?: Instrumentation,
): RewrittenCode {
  const moves = codeMoves(maps);
  const cursor = new Cursor(bytes, section.start, section.end);
  cursor.u32();
  const reader = new InstructionReader(bytes, cursor.offset, section.end);
  const growth = instrumentation === undefined ? 1.1 : 1.5;
  const patch = new Patch(bytes, cursor.offset, (section.end - section.start) * growth);
  const hints: FunctionHints[] = [];
  for (let ordinal = 0; ordinal < section.count; ordinal++) {
    const from = cursor.offset;
    const body = cursor.part(cursor.u32());
    reader.end = body.end;
    const probe = instrumentation?.(ordinal, countLocals(new Cursor(bytes, body.offset, body.end), reader));
    if (!moves && probe === undefined) continue;
    const opened = patch.openLength(from, body.offset);
    rewriteLocals(body, reader, patch, maps, probe?.local);
    reader.offset = body.offset;
    const unlikely = rewriteInstructions(reader, patch, maps, probe, opened);
    if (unlikely.length > 0) hints.push({ ordinal, unlikely });
    const length = patch.closeLength(opened, body.end);
    if (length > BODY_MAX_BYTES) throw tooLarge(ordinal, length);
  }
  return { bytes: patch.finish(section.end), hints };
}

function tooLarge(ordinal: number, length: number): PlugbayError {
  return new PlugbayError(
    'limit',
    `function ${ordinal} of the module has ${length} bytes with the code that is put into it; V8 takes ${BODY_MAX_BYTES}`,
    { hint: 'Split the function, or lower how much of it the compiler puts into one.' },
  );
}

// Answers with where the unlikely branches are, counted from `opened`, where the body starts.
function rewriteInstructions(
  reader: InstructionReader,
  patch: Patch,
  maps: IndexMaps,
  probe: Probe | undefined,
  opened: number,
): number[] {
  const unlikely: number[] = [];
  const insert = (at: number, snippet: Snippet | undefined): void => {
    if (snippet === undefined) return;
    const start = patch.insert(at, snippet.bytes);
    if (snippet.unlikely !== undefined) unlikely.push(start - opened + snippet.unlikely);
  };
  insert(reader.offset, probe?.entry);
  const memories = maps.memory !== undefined;
  while (reader.nextNotable(memories)) {
    insert(reader.start, probe?.before?.(reader));
    mapInstruction(reader, patch, maps);
    insert(reader.offset, probe?.after?.(reader));
  }
  return unlikely;
}

function rewriteLocals(
  body: Cursor,
  reader: InstructionReader,
  patch: Patch,
  maps: IndexMaps,
  added: number | undefined,
): void {
  const from = body.offset;
  const groups = body.u32();
  if (added !== undefined) patch.replaceIndex(from, body.offset, groups + 1, WRITTEN.plainly);
  for (let left = groups; left > 0; left--) {
    body.u32();
    passValueType(body, reader);
    mapInstruction(reader, patch, maps);
  }
  if (added !== undefined) patch.insert(body.offset, [1, added]);
}

/** Passes over the locals of a body and counts them. */
export function countLocals(body: Cursor, reader: InstructionReader): number {
  let count = 0;
  for (let groups = body.u32(); groups > 0; groups--) {
    count += body.u32();
    passValueType(body, reader);
  }
  return count;
}

function passValueType(body: Cursor, reader: InstructionReader): void {
  reader.offset = body.offset;
  reader.indexCount = 0;
  reader.valueType();
  body.skip(reader.offset - body.offset);
}
