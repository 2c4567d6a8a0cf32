// The grammar of an XTP schema as one JSON Schema. Every object is closed and every choice is made by one key, so that
// each fault has one place and one reason. The keywords that end in Exists, Exist and Fits are ours: see grammar-rules.ts.
import { FORMATS } from './grammar-rules.ts';
import { SCHEMA_MAX_NAMES } from './limits.ts';

// __proto__ is none, because it would be lost in every JavaScript object that is not built with care.
const IDENTIFIER = '^(?!__proto__$)[a-zA-Z_$][a-zA-Z0-9_$]*$';

const text = { type: 'string' };
const identifier = { type: 'string', pattern: IDENTIFIER };
const texts = { type: 'array', items: text };
const choices = { type: 'array', items: identifier, minItems: 1, uniqueItems: true };
const notes = { nullable: { type: 'boolean' }, description: text };
const contentType = { contentType: { type: 'string', contentTypeExists: true } };

const reference = { $ref: { type: 'string', typeExists: true }, ...notes };
const map = { type: { const: 'object' }, additionalProperties: { $ref: '#/$defs/shape' }, ...notes };
const list = { type: { const: 'array' }, items: { $ref: '#/$defs/shape' }, ...notes };
const plain = { type: { enum: Object.keys(FORMATS) }, format: text, ...notes };

const declaration = {
  description: text,
  input: { $ref: '#/$defs/parameter' },
  output: { $ref: '#/$defs/parameter' },
};
const samples = {
  type: 'array',
  items: closed({ lang: text, source: text, label: text }, ['lang', 'source']),
};

// A list of names, or the map that normalising makes of it.
const v0Exports = choose(
  { type: 'array' },
  { type: 'array', items: identifier, maxItems: SCHEMA_MAX_NAMES, uniqueItems: true },
  named('nothing'),
);
const v0 = closed({ version: true, exports: v0Exports }, ['version', 'exports']);
const v1 = closed(
  {
    version: true,
    exports: named('export'),
    imports: named('import'),
    components: closed({ schemas: named('type') }, ['schemas']),
  },
  ['version', 'exports'],
);

const enumType = closed({ type: { const: 'string' }, enum: choices, description: text }, ['enum']);
const objectType = closed(
  { type: { const: 'object' }, properties: named('shape'), required: texts, description: text },
  ['properties'],
);

/** The grammar of documents whose version is known. */
export const GRAMMAR: object = {
  type: 'object',
  ...choose({ properties: { version: { const: 'v0' } } }, v0, v1),
  $defs: {
    nothing: closed({}),
    export: closed({ ...declaration, codeSamples: samples }),
    import: closed(declaration),
    parameter: shape(contentType, ['contentType']),
    shape: shape({}, []),
    type: choose(has('enum'), enumType, { ...objectType, requiredExist: true }),
  },
};

// What a value looks like. Which of the forms is meant is seen by the key that only that form has.
function shape(extra: object, required: readonly string[]): object {
  const plainForm = { ...closed({ ...plain, ...extra }, ['type', ...required]), formatFits: true };
  const listForm = closed({ ...list, ...extra }, ['type', 'items', ...required]);
  const mapForm = closed({ ...map, ...extra }, ['type', 'additionalProperties', ...required]);
  const referenceForm = closed({ ...reference, ...extra }, ['$ref', ...required]);
  const container = choose(has('additionalProperties'), mapForm, choose(has('items'), listForm, plainForm));
  return choose(has('$ref'), referenceForm, container);
}

function closed(properties: object, required: readonly string[] = []): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

function named(definition: string): object {
  const additionalProperties = { $ref: `#/$defs/${definition}` };
  return {
    type: 'object',
    maxProperties: SCHEMA_MAX_NAMES,
    propertyNames: { pattern: IDENTIFIER },
    additionalProperties,
  };
}

function has(key: string): object {
  return { type: 'object', properties: { [key]: true }, required: [key] };
}

function choose(condition: object, then: object, otherwise: object): object {
  return { if: condition, then, else: otherwise };
}
