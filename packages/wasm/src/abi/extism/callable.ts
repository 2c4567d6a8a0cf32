// Which exports of a module can be called as plugin functions: those of type () -> () and () -> i32.
import { PlugbayError } from '@plugbay/core';
import type { ExportShape } from '../../binary/external.ts';
import type { ModuleShape } from '../../binary/module-shape.ts';
import { signature } from '../../binary/types.ts';

/** Whether an export is a plugin function: it takes nothing, and returns nothing or its return code. */
export function isCallable({ type }: ExportShape): boolean {
  if (type === undefined || type.parameters.length > 0) return false;
  return type.results.length === 0 || (type.results.length === 1 && type.results[0] === 'i32');
}

/** The names of a module's plugin functions. */
export function callableNames({ exports }: ModuleShape): readonly string[] {
  return Object.freeze(exports.filter(isCallable).map(({ name }) => name));
}

/** Why `name` cannot be called: `not_found`, or `invalid` when it is exported as something else. */
export function notCallable(name: string, exports: readonly ExportShape[]): PlugbayError {
  const found = exports.find((candidate) => candidate.name === name);
  if (found === undefined) {
    const names = exports.filter(isCallable).map((candidate) => candidate.name);
    return new PlugbayError('not_found', `Function not found: ${name}`, {
      hint: names.length === 0 ? 'The plugin has no function at all.' : `It has ${listing(names)}.`,
    });
  }
  if (found.type === undefined)
    return new PlugbayError('invalid', `export "${name}" is a ${found.kind}, not a function`);
  const results = found.type.results.length;
  if (results > 1)
    return new PlugbayError('invalid', `Function ${name} has ${results} results, expected 0 or 1`);
  return new PlugbayError(
    'invalid',
    `Function ${name} has type ${signature(found.type)}, expected () -> () or () -> i32`,
  );
}

const LISTED_NAMES = 20;

function listing(names: readonly string[]): string {
  const rest = names.length - LISTED_NAMES;
  return rest > 0 ? `${names.slice(0, LISTED_NAMES).join(', ')} and ${rest} more` : names.join(', ');
}
