// The rules of the grammar that JSON Schema cannot say, as keywords. They meet documents that nobody has checked yet.
import type { FuncKeywordDefinition } from 'ajv';
import { contentTypeOf, referencedName } from './extension-schema.ts';

/** The formats of each type. */
export const FORMATS: Readonly<Record<string, readonly string[]>> = {
  integer: ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'],
  string: ['date-time', 'byte'],
  number: ['float', 'double'],
  boolean: [],
  object: [],
  array: [],
  buffer: [],
};

/** The formats that the type of a shape has; undefined for an unknown type, of which another rule speaks. */
export function formatsOf(shape: unknown): readonly string[] | undefined {
  const type = part(shape, 'type');
  return typeof type === 'string' && Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
}

/** The names of a document's types. */
export function typeNames(root: unknown): readonly string[] {
  return Object.keys(Object(part(part(root, 'components'), 'schemas')));
}

/** The names that a type requires and does not have. */
export function unknownRequired(type: unknown): readonly unknown[] {
  const required = part(type, 'required');
  const properties = Object(part(type, 'properties'));
  return Array.isArray(required) ? required.filter((name) => !Object.hasOwn(properties, name)) : [];
}

/** The keywords: each takes `true` and holds or does not. */
export const RULES: readonly FuncKeywordDefinition[] = [
  rule('contentTypeExists', 'string', (text) => contentTypeOf(String(text)) !== undefined),
  rule('typeExists', 'string', (text, root) => typeNames(root).includes(referencedName(String(text)) ?? '')),
  rule('requiredExist', 'object', (type) => unknownRequired(type).length === 0),
  rule('formatFits', 'object', (shape) => {
    const format = part(shape, 'format');
    return typeof format !== 'string' || (formatsOf(shape)?.includes(format) ?? true);
  }),
];

type Rule = (data: unknown, root: unknown) => boolean;

function rule(keyword: string, type: 'string' | 'object', holds: Rule): FuncKeywordDefinition {
  const validate: FuncKeywordDefinition['validate'] = (_, data, __, context) =>
    holds(data, context?.rootData);
  return { keyword, type, schemaType: 'boolean', validate };
}

function part(value: unknown, key: string): unknown {
  return Object.getOwnPropertyDescriptor(Object(value), key)?.value;
}
