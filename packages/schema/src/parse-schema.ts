// From the source of a schema to its normalised form: read, check against the grammar, review, normalise.
import { readSource } from './document.ts';
import type { ExtensionSchema } from './extension-schema.ts';
import { refusedSchema, type SchemaWarning } from './finding.ts';
import { createGrammarCheck } from './grammar-check.ts';
import { checkForm } from './known-form.ts';
import { normalise } from './normalise.ts';
import { review } from './review.ts';

/** A schema that was accepted. */
export interface ParsedSchema {
  readonly schema: ExtensionSchema;
  /** What its author should know although it was accepted. */
  readonly warnings: readonly SchemaWarning[];
}

const grammarFaults = createGrammarCheck();

/**
 * The normalised form of an XTP schema, version `v0` or `v1-draft`. A normalised schema is its own normalised form.
 * @param source YAML 1.2 text, of which JSON is a part, or what such a text says, as an object.
 * @throws PlugbayError `invalid` with every fault in the message, the first one first; `limit` beyond SCHEMA_MAX_BYTES,
 * SCHEMA_MAX_DEPTH, SCHEMA_MAX_VALUES or SCHEMA_MAX_ALIASES.
 */
export function parseSchema(source: string | object): ParsedSchema {
  const document = readSource(source);
  checkForm(document);
  const faults = [...document.faults, ...grammarFaults(document.root).map(document.locate)];
  if (faults.length > 0) throw refusedSchema(faults.sort(byPosition));
  // The grammar has just said so.
  const written = document.root as unknown as ExtensionSchema;
  return {
    schema: normalise(written),
    warnings: Array.from(review(written), document.locate).sort(byPosition),
  };
}

function byPosition(a: SchemaWarning, b: SchemaWarning): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
