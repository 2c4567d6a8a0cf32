// What a module exports for its host: which functions can be called, and what every plugin must have.
import { listing, PlugbayError } from '@plugbay/core';
import type { ExportShape } from '../../binary/external.ts';
import type { ModuleShape } from '../../binary/module-shape.ts';
import { type FunctionType, isSameType, signature } from '../../binary/types.ts';
import { ALLOCATE, MEMORY, PLUGIN_DESTROY, PLUGIN_INFO, PLUGIN_INIT, STARTS } from './names.ts';

const ASKED: FunctionType = { parameters: ['i64'], results: ['i64'] };
const TELLING: FunctionType = { parameters: [], results: ['i64'] };
const DOING: FunctionType = { parameters: [], results: [] };
const ALLOCATING: FunctionType = { parameters: ['i32'], results: ['i64'] };

const CALLABLE = [ASKED, TELLING, DOING];

// Functions that the ABI gives a type of its own. Not plain properties, because a module names its exports as it likes.
const TYPES: ReadonlyMap<string, FunctionType> = new Map([
  [PLUGIN_INFO, TELLING],
  [PLUGIN_INIT, ASKED],
  ['validate', ASKED],
  ['execute', ASKED],
  [PLUGIN_DESTROY, DOING],
]);

// Not called by name: the host's own way in, and what ran already.
const RESERVED: readonly string[] = [ALLOCATE, ...STARTS];

/** The names of a module's plugin functions: those of the ABI under their own types, and any other of one of these types. */
export function callableNames({ exports }: ModuleShape): readonly string[] {
  return Object.freeze(exports.filter(isCallable).map(({ name }) => name));
}

function isCallable({ name, type }: ExportShape): boolean {
  if (type === undefined || RESERVED.includes(name)) return false;
  const own = TYPES.get(name);
  return (own === undefined ? CALLABLE : [own]).some((expected) => isSameType(expected, type));
}

/** Why `name` cannot be called: `not_found`, or `invalid` when it is something else. */
export function notCallable(name: string, { exports }: ModuleShape): PlugbayError {
  const found = exports.find((candidate) => candidate.name === name);
  if (found === undefined) {
    const names = exports.filter(isCallable).map((candidate) => candidate.name);
    return new PlugbayError('not_found', `the plugin exports no function "${name}"`, {
      hint: `It has ${listing(names)}.`,
    });
  }
  if (found.type === undefined)
    return new PlugbayError('invalid', `export "${name}" is a ${found.kind}, not a function`);
  if (RESERVED.includes(name))
    return new PlugbayError('invalid', `export "${name}" is called by the host itself, not by name`);
  return wrongType(name, found.type, TYPES.has(name) ? [TYPES.get(name) as FunctionType] : CALLABLE);
}

/** Whether bytes can be handed to the module. */
export function canAllocate({ exports }: ModuleShape): boolean {
  return exports.some(
    ({ name, type }) => name === ALLOCATE && type !== undefined && isSameType(type, ALLOCATING),
  );
}

/** Passes for a module that can be a plugin. @throws PlugbayError `invalid` that names the export that is missing or wrong. */
export function requireExports({ exports }: ModuleShape): void {
  const memory = exports.find(({ name }) => name === MEMORY);
  const info = exports.find(({ name }) => name === PLUGIN_INFO);
  if (info === undefined) throw missing(PLUGIN_INFO, `a function of type ${signature(TELLING)}`);
  if (info.type === undefined)
    throw new PlugbayError('invalid', `export "${PLUGIN_INFO}" is a ${info.kind}, not a function`);
  if (!isSameType(info.type, TELLING)) throw wrongType(PLUGIN_INFO, info.type, [TELLING]);
  if (memory?.kind !== 'memory') throw missing(MEMORY, "the module's memory");
}

/** Passes when `run`, which the host is about to call by itself, takes nothing. @throws PlugbayError `invalid`. */
export function requireStart({ exports }: ModuleShape): void {
  for (const { name, type } of exports) {
    if (!STARTS.some((start) => start === name) || type === undefined || isSameType(type, DOING)) continue;
    throw wrongType(name, type, [DOING]);
  }
}

function missing(name: string, what: string): PlugbayError {
  return new PlugbayError('invalid', `the module does not export "${name}", ${what}`, {
    hint: 'An ApiQube plugin exports plugin_info, its memory, and allocate to be handed anything.',
  });
}

function wrongType(name: string, found: FunctionType, expected: readonly FunctionType[]): PlugbayError {
  const types = expected.map(signature).join(' or ');
  return new PlugbayError(
    'invalid',
    `function "${name}" has the type ${signature(found)}; it must be ${types}`,
  );
}
