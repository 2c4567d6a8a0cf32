// Checks values against the parameters of a schema.
import { Ajv, type ErrorObject } from 'ajv';
import type { ExtensionSchema, Parameter, ValueShape } from './extension-schema.ts';
import { listed } from './finding.ts';
import { shapeSchema, typeSchemas } from './json-schema.ts';
import { isText } from './places.ts';
import { VALUE_FORMATS } from './value-formats.ts';

/**
 * Says what is wrong with a value, such as `/items/0/quantity must be integer`; undefined when nothing is. Of a value
 * that travels as JSON it sees the JSON form.
 */
export type ValueCheck = (value: unknown) => string | undefined;

/** Compiles the checks for parameters of one schema. A check throws a RangeError when a value is too deep for recursion. */
export function parameterChecks(schema: ExtensionSchema): (parameter: Parameter) => ValueCheck {
  const compile = shapeChecks(schema);
  return (parameter) => {
    switch (parameter.contentType) {
      case 'application/json':
        return compile(parameter);
      case 'text/plain; charset=utf-8':
        return textCheck(isText(parameter, schema) ? compile(parameter) : () => undefined);
      case 'application/x-binary':
        return () => undefined;
    }
  };
}

// A lone surrogate has no UTF-8: the plugin would see another string.
function textCheck(check: ValueCheck): ValueCheck {
  return (value) => (String(value).isWellFormed() ? check(value) : 'must be well-formed Unicode');
}

function shapeChecks(schema: ExtensionSchema): (shape: ValueShape) => ValueCheck {
  const ajv = new Ajv({
    strict: true,
    // The JSON Schemas are our own, so they need no check against the meta-schema.
    meta: false,
    validateSchema: false,
    // A property called "constructor" is absent until the value has one of its own.
    ownProperties: true,
    // A large type that many others refer to is compiled once, not once for each.
    inlineRefs: false,
    // Optimising takes as long as compiling itself; V8 does it again.
    code: { optimize: false },
    formats: Object.fromEntries(Object.entries(VALUE_FORMATS).map(([name, { rule }]) => [name, rule])),
  });
  for (const [id, type] of typeSchemas(schema)) ajv.addSchema(type, id);
  return (shape) => {
    const holds = ajv.compile(shapeSchema(shape));
    return (value) => {
      if (holds(value)) return undefined;
      const [error] = holds.errors ?? [];
      return error && faultText(error);
    };
  };
}

function faultText({ instancePath, keyword, params, message }: ErrorObject): string {
  const expected = WORDS[keyword]?.(params) ?? String(message);
  return instancePath === '' ? expected : `${instancePath} ${expected}`;
}

const WORDS: Readonly<Record<string, (params: ErrorObject['params']) => string>> = {
  type: ({ type }) => `must be ${[type].flat().join(' or ')}`,
  required: ({ missingProperty }) => `must have the property "${missingProperty}"`,
  enum: ({ allowedValues }) => `must be one of: ${listed(allowedValues)}`,
  format: ({ format }) => `must be ${VALUE_FORMATS[format]?.expected}`,
};
