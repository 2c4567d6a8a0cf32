// The sections of a module: where each is and how much it holds, before anything in it is read.
import { PlugbayError } from '@plugbay/core';
import { Cursor } from './cursor.ts';
import { type Bound, type GuardPolicy, keepBound } from './policy.ts';

/** The ids of sections in the binary format. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** A section's place in the module's bytes. */
export interface Section {
  readonly id: number;
  /** Where its content starts. */
  readonly start: number;
  readonly end: number;
  /** Entries; for sections that are no list, 0. */
  readonly count: number;
}

const PREAMBLE_BYTES = 8;

/** The order in which the format wants sections; tags and the data count were added later, in between. */
export const SECTION_ORDER: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.table,
  SECTION.memory,
  SECTION.tag,
  SECTION.global,
  SECTION.export,
  SECTION.start,
  SECTION.element,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
];

const BOUNDS: Readonly<Partial<Record<number, Bound>>> = {
  [SECTION.type]: 'types',
  [SECTION.import]: 'imports',
  [SECTION.function]: 'functions',
  [SECTION.table]: 'tables',
  [SECTION.memory]: 'memories',
  [SECTION.global]: 'globals',
  [SECTION.tag]: 'tags',
  [SECTION.export]: 'exports',
  [SECTION.element]: 'elementSegments',
  [SECTION.code]: 'functions',
};

/**
 * The sections of a module in their order. Counts are checked here, so that what reads the entries cannot be made to
 * read millions of them.
 * @throws PlugbayError `invalid` (no module, wrong order), `limit` (a count), `unsupported` (a component, an unknown section).
 */
export function readSections(bytes: Uint8Array, policy: GuardPolicy): Section[] {
  keepBound(policy, 'bytes', bytes.length);
  const cursor = new Cursor(bytes);
  readPreamble(cursor);
  const sections: Section[] = [];
  let custom = 0;
  let rank = -1;
  while (!cursor.done) {
    const at = cursor.offset;
    const id = cursor.byte();
    const content = cursor.part(cursor.u32());
    const section = { id, start: content.offset, end: content.end, count: 0 };
    if (id === SECTION.custom) {
      keepBound(policy, 'customSections', ++custom);
    } else {
      const next = SECTION_ORDER.indexOf(id);
      if (next < 0)
        throw new PlugbayError('unsupported', `the module has an unknown section ${id} at byte ${at}`);
      if (next <= rank) cursor.fail(`has section ${id} twice or out of order`, at);
      rank = next;
      if (id === SECTION.type) keepBound(policy, 'typeSectionBytes', content.end - content.offset);
      if (id !== SECTION.start) section.count = content.u32();
      const bound = BOUNDS[id];
      if (bound !== undefined) keepBound(policy, bound, section.count);
    }
    sections.push(section);
  }
  return sections;
}

function readPreamble(cursor: Cursor): void {
  const { bytes } = cursor;
  if (bytes[0] !== 0x00 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    throw new PlugbayError('invalid', `${bytes.length} bytes are not a WebAssembly module`, {
      hint: 'A module starts with the bytes 00 61 73 6d; build one, WebAssembly text is not taken.',
    });
  }
  cursor.skip(PREAMBLE_BYTES);
  const version = (bytes[4] as number) | ((bytes[5] as number) << 8);
  const layer = (bytes[6] as number) | ((bytes[7] as number) << 8);
  if (layer === 1) {
    throw new PlugbayError(
      'unsupported',
      'the bytes are a WebAssembly component; only core modules are taken',
      {
        hint: 'Build the plugin as a core module, without wrapping it into a component.',
      },
    );
  }
  if (version !== 1 || layer !== 0)
    throw new PlugbayError('unsupported', `the module has version ${version}, not 1`);
}
