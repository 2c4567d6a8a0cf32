// The places of a schema where a shape stands.
import { type ExtensionSchema, type Parameter, referencedName, type ValueShape } from './extension-schema.ts';

/** A shape and where it stands. */
export interface Place<T extends ValueShape = ValueShape> {
  readonly path: string;
  readonly shape: T;
  /** The named type that it is part of; undefined in inputs and outputs. */
  readonly type?: string;
}

/** Every input and output. */
export function* parametersOf(schema: ExtensionSchema): Generator<Place<Parameter>> {
  for (const kind of ['exports', 'imports'] as const) {
    for (const [name, { input, output }] of Object.entries(schema[kind] ?? {})) {
      if (input !== undefined) yield { path: `#/${kind}/${name}/input`, shape: input };
      if (output !== undefined) yield { path: `#/${kind}/${name}/output`, shape: output };
    }
  }
}

/** Every shape: inputs, outputs, properties, and what is within them. */
export function* shapesOf(schema: ExtensionSchema): Generator<Place> {
  for (const place of parametersOf(schema)) yield* within(place);
  for (const [name, type] of Object.entries(schema.components?.schemas ?? {})) {
    if (!('properties' in type)) continue;
    for (const [property, shape] of Object.entries(type.properties)) {
      yield* within({ path: `#/components/schemas/${name}/properties/${property}`, shape, type: name });
    }
  }
}

function* within(place: Place): Generator<Place> {
  yield place;
  const { path, shape } = place;
  if ('additionalProperties' in shape) {
    yield* within({ ...place, path: `${path}/additionalProperties`, shape: shape.additionalProperties });
  } else if ('items' in shape && shape.items !== undefined) {
    yield* within({ ...place, path: `${path}/items`, shape: shape.items });
  }
}

/** Whether the values of a shape are strings, so that the shape holds for text. */
export function isText(shape: ValueShape, schema: ExtensionSchema): boolean {
  if ('type' in shape) return shape.type === 'string';
  const type = schema.components?.schemas[referencedName(shape.$ref) ?? ''];
  return type !== undefined && 'enum' in type;
}
