// What is to be said about a place in a schema: a fault that refuses it, or a warning.
import { PlugbayError } from '@plugbay/core';

/** A remark about one place of a schema. */
export interface SchemaWarning {
  /** A JSON pointer as a fragment, such as `#/exports/discount/input`. */
  readonly path: string;
  /** Continues the sentence that `path` begins. */
  readonly message: string;
  /** From 1; absent when the schema was not given as text. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

// A person corrects a screenful at a time.
const FAULTS_SHOWN = 20;
const NAMES_SHOWN = 20;
const NAME_CHARACTERS_SHOWN = 100;
const HINT = 'Correct the places listed; the README of @plugbay/schema has the grammar.';

/** The error that refuses a schema: the first fault and the number of others, then those, each on a line of its own. */
export function refusedSchema(faults: readonly SchemaWarning[], hint: string = HINT): PlugbayError {
  const [first, ...others] = faults.slice(0, FAULTS_SHOWN).map(({ path, message, line, column }) => {
    return line === undefined ? `${path} ${message}` : `${path} (${line}:${column}) ${message}`;
  });
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new PlugbayError('invalid', [`schema refused: ${first}${more}`, ...others].join('\n'), { hint });
}

/** Names for a message: the first ones, each cut short, because whoever sent them chose how many and how long. */
export function listed(names: readonly unknown[]): string {
  if (names.length === 0) return '(none)';
  const shown = names.slice(0, NAMES_SHOWN).map((name) => String(name).slice(0, NAME_CHARACTERS_SHOWN));
  return [...shown, ...(names.length > NAMES_SHOWN ? ['…'] : [])].join(', ');
}
