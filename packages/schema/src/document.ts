// The source of a schema as plain JSON, with the place of every part in the text. YAML 1.2, of which JSON is a part.
import { messageOf, PlugbayError } from '@plugbay/core';
import { type Document, Lexer, LineCounter, parseDocument } from 'yaml';
import { refusedSchema, type SchemaWarning } from './finding.ts';
import { SCHEMA_MAX_BYTES, SCHEMA_MAX_TOKENS } from './limits.ts';
import { type Json, yamlTree } from './yaml-tree.ts';

/** A source that was read. */
export interface SchemaDocument {
  readonly root: Json;
  /** What JSON cannot hold, such as a key that is there twice. */
  readonly faults: readonly SchemaWarning[];
  /** A remark with the line and column of its place, when there are any. */
  locate(remark: SchemaWarning): SchemaWarning;
}

/** Reads YAML text or an object. @throws PlugbayError `invalid` (not YAML, no JSON), `limit` (see limits.ts). */
export function readSource(source: string | object): SchemaDocument {
  const text = typeof source === 'string' ? source : attempt(() => String(JSON.stringify(source)));
  checkSize(text);
  const lines = new LineCounter();
  const document = parseYaml(text, lines);
  const { root, offsets, faults } = yamlTree(document);
  const locate = (remark: SchemaWarning): SchemaWarning => {
    // Nobody has seen the text that an object was made into.
    if (typeof source !== 'string') return remark;
    return { ...remark, ...position(lines, offsets.get(remark.path) ?? 0) };
  };
  return { root, faults: faults.map(locate), locate };
}

function checkSize(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > SCHEMA_MAX_BYTES) {
    throw new PlugbayError('limit', `the schema has ${bytes} bytes; at most ${SCHEMA_MAX_BYTES} are read`);
  }
  let tokens = 0;
  for (const _ of new Lexer().lex(text)) {
    if (++tokens > SCHEMA_MAX_TOKENS)
      throw new PlugbayError('limit', `the schema has more than ${SCHEMA_MAX_TOKENS} tokens`);
  }
}

function parseYaml(text: string, lineCounter: LineCounter): Document {
  // Keys are compared in yaml-tree.ts: the parser's own comparison takes seconds for a large map.
  const options = {
    lineCounter,
    schema: 'core',
    uniqueKeys: false,
    // A tag such as !!binary would make values that JSON does not have.
    resolveKnownTags: false,
    prettyErrors: false,
  } as const;
  const document = attempt(() => parseDocument(text, options));
  const [error] = document.errors;
  if (error === undefined) return document;
  // Of a text that is not YAML the first error is enough: those after it are mostly its echoes.
  const message = `is not YAML: ${error.message.slice(0, 200)}`;
  throw refusedSchema([{ path: '#', message, ...position(lineCounter, error.pos[0]) }]);
}

// JSON.stringify refuses a cycle; the YAML parser recurses, and brackets or dashes alone exhaust the stack.
function attempt<T>(step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new PlugbayError('invalid', `the schema cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
