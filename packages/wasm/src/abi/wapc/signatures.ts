// What a waPC module may import beside WASI, and under which types: the ABI's own nine functions, and what AssemblyScript adds.
import type { ImportShape } from '../../binary/external.ts';
import type { FunctionType } from '../../binary/types.ts';

/** The namespace of the ABI's own imports. */
export const WAPC = 'wapc';

/** The namespace of what the AssemblyScript compiler imports by itself. */
export const ENV = 'env';

/** The import behind which all host calls are. */
export const HOST_CALL = '__host_call';

const EIGHT_I32 = Array.from({ length: 8 }, () => 'i32');

const WAPC_TYPES: ReadonlyMap<string, FunctionType> = new Map([
  ['__guest_request', type(['i32', 'i32'])],
  ['__guest_response', type(['i32', 'i32'])],
  ['__guest_error', type(['i32', 'i32'])],
  [HOST_CALL, type(EIGHT_I32, 'i32')],
  ['__host_response_len', type([], 'i32')],
  ['__host_response', type(['i32'])],
  ['__host_error_len', type([], 'i32')],
  ['__host_error', type(['i32'])],
  ['__console_log', type(['i32', 'i32'])],
]);

const ENV_TYPES: ReadonlyMap<string, FunctionType> = new Map([
  ['abort', type(['i32', 'i32', 'i32', 'i32'])],
  ['seed', type([], 'f64')],
  ['trace', type(['i32', 'i32', 'f64', 'f64', 'f64', 'f64', 'f64'])],
]);

const NAMESPACES: ReadonlyMap<string, ReadonlyMap<string, FunctionType>> = new Map([
  [WAPC, WAPC_TYPES],
  [ENV, ENV_TYPES],
]);

/** The type of an import that the ABI answers; undefined for any other. */
export function wapcType({ module, name }: Pick<ImportShape, 'module' | 'name'>): FunctionType | undefined {
  return NAMESPACES.get(module)?.get(name);
}

/** The type of {@link HOST_CALL}: binding, namespace, operation and payload, each a pointer and a length. */
export const HOST_CALL_TYPE: FunctionType = type(EIGHT_I32, 'i32');

function type(parameters: readonly string[], ...results: readonly string[]): FunctionType {
  return Object.freeze({ parameters: Object.freeze(parameters), results: Object.freeze(results) });
}
