// Holds a document against the grammar: all faults at once, in words.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { CONTENT_TYPES } from './extension-schema.ts';
import { listed, type SchemaWarning } from './finding.ts';
import { GRAMMAR } from './grammar.ts';
import { formatsOf, RULES, typeNames, unknownRequired } from './grammar-rules.ts';
import { type Json, pointerToken } from './yaml-tree.ts';

/** A check that compiles the grammar when it is first used: whoever only imports the package does not wait for it. */
export function createGrammarCheck(): (root: Json) => SchemaWarning[] {
  let grammar: ValidateFunction | undefined;
  return (root) => {
    grammar ??= new Ajv({ strict: true, allErrors: true, verbose: true, keywords: [...RULES] }).compile(
      GRAMMAR,
    );
    if (grammar(root)) return [];
    // "if", and the inner errors of "propertyNames", repeat what another error says better.
    const errors = grammar.errors?.filter(
      ({ keyword, propertyName }) => keyword !== 'if' && propertyName === undefined,
    );
    return (errors ?? []).map((error) => faultOf(error, root));
  };
}

function faultOf(error: ErrorObject, root: Json): SchemaWarning {
  const key = KEYS[error.keyword]?.(error.params);
  const path = `#${error.instancePath}${key === undefined ? '' : `/${pointerToken(key)}`}`;
  return { path, message: WORDS[error.keyword]?.(error, root) ?? String(error.message) };
}

// Errors that the grammar reports of a map, and that belong to one key of it.
const KEYS: Readonly<Record<string, (params: ErrorObject['params']) => string>> = {
  additionalProperties: ({ additionalProperty }) => additionalProperty,
  propertyNames: ({ propertyName }) => propertyName,
  formatFits: () => 'format',
  requiredExist: () => 'required',
};

const KINDS: Readonly<Record<string, string>> = {
  object: 'a map ({} for an empty one)',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
};

const WORDS: Readonly<Record<string, (error: ErrorObject, root: Json) => string>> = {
  type: ({ params }) => `must be ${KINDS[params.type]}`,
  required: ({ params }) => `must have the key "${params.missingProperty}"`,
  additionalProperties: ({ parentSchema }) =>
    `is not known here; known are: ${listed(Object.keys(parentSchema?.properties))}`,
  propertyNames: ({ params }) => identifierRule(params.propertyName),
  pattern: ({ data }) => identifierRule(data),
  enum: ({ params }) => `must be one of: ${listed(params.allowedValues)}`,
  const: ({ params }) => `must be "${params.allowedValue}" here`,
  maxProperties: ({ params }) => `must have at most ${params.limit} entries`,
  maxItems: ({ params }) => `must have at most ${params.limit} entries`,
  minItems: () => 'must not be empty',
  uniqueItems: ({ params: { i, j } }) => `has the same entry at ${Math.min(i, j)} and ${Math.max(i, j)}`,
  contentTypeExists: () => `must be one of: ${listed(CONTENT_TYPES)}`,
  typeExists: (_, root) =>
    `must be "#/components/schemas/NAME", with NAME one of: ${listed(typeNames(root))}`,
  formatFits: ({ data }) => `must be one of the formats of this type: ${listed(formatsOf(data) ?? [])}`,
  requiredExist: ({ data }) => `names what is no property: ${listed(unknownRequired(data))}`,
};

function identifierRule(name: unknown): string {
  if (name === '__proto__') return 'is a name that JavaScript keeps for itself';
  return 'must be an identifier: letters, digits, _ and $, and no digit first';
}
