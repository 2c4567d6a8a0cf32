// XTP's shapes and types in JSON Schema, which ajv compiles. Nothing that the author wrote becomes a pattern.
import {
  type ExtensionSchema,
  type MapShape,
  type PlainShape,
  referencedName,
  type ValueShape,
  type ValueType,
} from './extension-schema.ts';

const DEFAULT_FORMATS: Readonly<Partial<Record<ValueType, string>>> = {
  integer: 'int64',
  number: 'double',
  buffer: 'byte',
};

/** The JSON Schema of a shape; its references are to the ids of {@link typeSchemas}. */
export function shapeSchema(shape: ValueShape): object {
  if ('$ref' in shape) {
    const reference = { $ref: typeId(String(referencedName(shape.$ref))) };
    return shape.nullable ? { anyOf: [reference, { type: 'null' }] } : reference;
  }
  const type = shape.type === 'buffer' ? 'string' : shape.type;
  return { type: shape.nullable ? [type, 'null'] : type, ...details(shape) };
}

/** The JSON Schemas of a schema's types by id. */
export function typeSchemas(schema: ExtensionSchema): [id: string, schema: object][] {
  return Object.entries(schema.components?.schemas ?? {}).map(([name, type]) => {
    if ('enum' in type) return [typeId(name), { type: 'string', enum: type.enum }];
    const properties = Object.entries(type.properties).map(([property, shape]) => [
      property,
      shapeSchema(shape),
    ]);
    return [
      typeId(name),
      { type: 'object', properties: Object.fromEntries(properties), required: type.required ?? [] },
    ];
  });
}

// Not a pointer into $defs, in which a type called $id would be taken for a keyword.
function typeId(name: string): string {
  return `/types/${name}`;
}

function details(shape: PlainShape | MapShape): object {
  if ('additionalProperties' in shape)
    return { additionalProperties: shapeSchema(shape.additionalProperties) };
  if (shape.items !== undefined) return { items: shapeSchema(shape.items) };
  const format = shape.format ?? DEFAULT_FORMATS[shape.type];
  return format === undefined ? {} : { format };
}
