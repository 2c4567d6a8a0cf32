// What a waPC module exports for its host: the function that takes every call, its memory, and what initialises it.
import { PlugbayError } from '@plugbay/core';
import type { ExportShape } from '../../binary/external.ts';
import type { ModuleShape } from '../../binary/module-shape.ts';
import { type FunctionType, isSameType, signature } from '../../binary/types.ts';

/** The function that takes every call: the lengths of the operation's name and of the payload go in, 1 for success comes out. */
export const GUEST_CALL = '__guest_call';

/** The export that is the guest's memory. */
export const MEMORY = 'memory';

/**
 * What runs once in a new instance: all of these that are there, in this order. A command's main function, a reactor's
 * constructors, and the guest library's own.
 */
export const STARTS = ['_start', '_initialize', 'wapc_init'] as const;

const CALLING: FunctionType = { parameters: ['i32', 'i32'], results: ['i32'] };
const HINT = 'A waPC plugin exports __guest_call and its memory; build it with a waPC guest library.';

/** Passes for a module that can be a plugin. @throws PlugbayError `invalid` that names the export that is missing or wrong. */
export function requireExports({ exports }: ModuleShape): void {
  const find = (name: string): ExportShape | undefined => exports.find((entry) => entry.name === name);
  const expected = `a function of type ${signature(CALLING)}`;
  const guestCall = requireKind(find(GUEST_CALL), 'function', GUEST_CALL, expected);
  if (guestCall.type !== undefined && !isSameType(guestCall.type, CALLING))
    throw wrong(GUEST_CALL, `has the type ${signature(guestCall.type)}`, expected);
  requireKind(find(MEMORY), 'memory', MEMORY, 'the memory of the module');
  for (const name of STARTS) requireStart(find(name));
}

function requireKind(
  found: ExportShape | undefined,
  kind: ExportShape['kind'],
  name: string,
  expected: string,
): ExportShape {
  if (found === undefined)
    throw new PlugbayError('invalid', `the module does not export "${name}", ${expected}`, { hint: HINT });
  if (found.kind !== kind) throw wrong(name, `is a ${found.kind}`, expected);
  return found;
}

// Whatever it returns is dropped, so that only what it takes matters.
function requireStart(found: ExportShape | undefined): void {
  if (found === undefined) return;
  const expected = 'a function without parameters, because it runs when the module starts';
  if (found.kind !== 'function') throw wrong(found.name, `is a ${found.kind}`, expected);
  if (found.type !== undefined && found.type.parameters.length > 0)
    throw wrong(found.name, `has the type ${signature(found.type)}`, expected);
}

function wrong(name: string, is: string, expected: string): PlugbayError {
  return new PlugbayError('invalid', `export "${name}" ${is}; it must be ${expected}`, { hint: HINT });
}
