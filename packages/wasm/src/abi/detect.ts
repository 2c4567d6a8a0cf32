// Which calling convention a module follows, from its imports and exports alone.
import { type AbiName, listing, PlugbayError } from '@plugbay/core';
import type { ModuleShape } from '../binary/module-shape.ts';
import { isCallable } from './extism/callable.ts';
import { EXTISM_ENV } from './extism/env.ts';

/**
 * The ABI of a module; undefined when it follows none that we know. A convention that shows in an import or in its own
 * exports comes first; a module without such a mark is an Extism plugin when it has a function that one can call.
 */
export function detectAbi(shape: ModuleShape): AbiName | undefined {
  const imports = new Set(shape.imports.map(({ module }) => module));
  const exports = new Set(shape.exports.map(({ name }) => name));
  if (imports.has(EXTISM_ENV)) return 'extism';
  if (imports.has('wapc') || exports.has('__guest_call')) return 'wapc';
  if (imports.has('apiqube') || exports.has('plugin_info')) return 'apiqube';
  return shape.exports.some(isCallable) ? 'extism' : undefined;
}

/** The error for a module whose ABI is not known. */
export function unknownAbi(shape: ModuleShape): PlugbayError {
  const imports = [...new Set(shape.imports.map(({ module }) => module))];
  const exports = shape.exports.map(({ name }) => name);
  return new PlugbayError(
    'unsupported',
    `the module follows no known ABI: it imports from ${listing(imports)} and exports ${listing(exports)}`,
    { hint: 'Export a function of type () -> () or () -> i32, as Extism PDKs do.' },
  );
}
