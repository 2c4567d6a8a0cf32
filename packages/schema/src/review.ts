// What a valid schema is warned of: it means one thing here, but XTP's own tools refuse it, or part of it has no effect.
import { contentTypeOf, type ExtensionSchema, type Parameter, type ValueShape } from './extension-schema.ts';
import type { SchemaWarning } from './finding.ts';
import { isText, type Place, parametersOf, shapesOf } from './places.ts';
import { referenceCycles } from './reference-cycles.ts';

// The integer formats that XTP's JSON Schema has; its code generators have more.
const XTP_INTEGERS: readonly (string | undefined)[] = [undefined, 'int32', 'int64'];

/** The warnings about a schema as it was written. */
export function* review(schema: ExtensionSchema): Generator<SchemaWarning> {
  if (schema.version === 'v0') return;
  for (const place of parametersOf(schema)) yield* parameterWarnings(place, schema);
  for (const place of shapesOf(schema)) yield* shapeWarnings(place);
  for (const [name, type] of Object.entries(schema.components?.schemas ?? {})) {
    if ('properties' in type && 'type' in type) {
      yield {
        path: `#/components/schemas/${name}/type`,
        message: "is not needed, and XTP's JSON Schema refuses it",
      };
    }
  }
  for (const cycle of referenceCycles(schema)) {
    yield {
      path: `#/components/schemas/${cycle[0]}`,
      message: `refers to itself (${chain(cycle)}): XTP's code generators refuse that`,
    };
  }
}

// A cycle of all types would make as many long messages.
function chain(cycle: readonly string[]): string {
  return (cycle.length > 6 ? [...cycle.slice(0, 4), '…', ...cycle.slice(-1)] : cycle).join(' -> ');
}

function* parameterWarnings(
  { path, shape }: Place<Parameter>,
  schema: ExtensionSchema,
): Generator<SchemaWarning> {
  const contentType = contentTypeOf(shape.contentType);
  if (contentType !== shape.contentType) {
    yield {
      path: `${path}/contentType`,
      message: `is read as "${contentType}", the only spelling in XTP's JSON Schema`,
    };
  }
  if (contentType === 'application/json') return;
  const carried = contentType === 'application/x-binary' ? 'bytes' : 'text';
  if (carried === 'bytes' ? !isBuffer(shape) : !isText(shape, schema)) {
    yield { path, message: `travels as ${carried}, so its type has no effect` };
  }
  if (shape.nullable === true)
    yield { path: `${path}/nullable`, message: `has no effect: ${carried} cannot be null` };
}

function isBuffer(shape: ValueShape): boolean {
  return 'type' in shape && shape.type === 'buffer';
}

function* shapeWarnings({ path, shape }: Place): Generator<SchemaWarning> {
  if ('additionalProperties' in shape && 'additionalProperties' in shape.additionalProperties) {
    yield { path, message: "is a map of maps: XTP's JSON Schema refuses that" };
  }
  if ('items' in shape && shape.items !== undefined && 'items' in shape.items) {
    yield { path, message: "is a list of lists: XTP's JSON Schema refuses that" };
  }
  if ('format' in shape && shape.type === 'integer' && !XTP_INTEGERS.includes(shape.format)) {
    yield { path: `${path}/format`, message: "is not in XTP's JSON Schema; its code generators know it" };
  }
}
