// Whether a pushed module can do what its extension point asks for. Nothing is kept before all of this has passed.
import { listing, PlugbayError } from '@plugbay/core';
import type { ExtensionSchema } from '@plugbay/schema';
import {
  EXTISM_ENV,
  type ImportGroup,
  type ModuleDescription,
  type PluginDescription,
  validateModule,
} from '@plugbay/wasm';
import { STANDARD_IMPORTS, USER_NAMESPACE, WASI_NAMESPACE } from './imports.ts';
import { requireWasm } from './not-wasm.ts';

/**
 * Passes a module that compiles, follows a known ABI, has every export of the schema, and imports only what it will be given.
 * @throws PlugbayError `invalid` (the module, an export, an import), `unsupported` (its ABI), `limit` (its size).
 */
export async function checkModule(bytes: Uint8Array, schema: ExtensionSchema): Promise<void> {
  requireWasm(bytes);
  const module = await validateModule(bytes);
  checkAbi(module);
  checkImports(module, schema);
  checkExports(module, schema);
}

function checkAbi({ abi }: PluginDescription): void {
  if (abi === 'extism') return;
  throw new PlugbayError(
    'unsupported',
    `the module follows the ${abi} ABI; extension points take Extism plugins`,
    { hint: 'Build the plugin with an Extism PDK.' },
  );
}

function checkImports({ imports }: ModuleDescription, schema: ExtensionSchema): void {
  const declared = declaredImports(schema);
  const missing = imports.flatMap((group) =>
    group.imports
      .filter(({ name, kind }) => kind !== 'function' || !isProvided(group.module, name, declared))
      .map(({ name, kind, type }) => ({ group, text: `${group.module} ${name}: ${type ?? kind}` })),
  );
  if (missing.length === 0) return;
  const names = missing.map(({ text }) => text).join('; ');
  throw new PlugbayError('invalid', `the module imports what nobody provides: ${names}`, {
    hint: [...new Set(missing.map(({ group }) => whoProvides(group, schema)))].join(' '),
  });
}

function isProvided(namespace: string, name: string, declared: readonly string[]): boolean {
  if (namespace === USER_NAMESPACE) return declared.includes(name);
  return STANDARD_IMPORTS.get(namespace)?.has(name) ?? false;
}

// A v0 schema declares exports and nothing else, so its plugins import nothing but what every plugin is given.
function declaredImports(schema: ExtensionSchema): string[] {
  return Object.keys(schema.imports ?? {});
}

function whoProvides({ module }: ImportGroup, schema: ExtensionSchema): string {
  if (module === EXTISM_ENV)
    return 'The Extism ABI has only functions of other names; use a current Extism PDK.';
  if (module === WASI_NAMESPACE) return 'WASI preview 1 has only functions of other names.';
  if (module !== USER_NAMESPACE) return `Nothing provides ${module}: build the plugin without it.`;
  if (schema.version === 'v0')
    return 'A v0 schema declares no imports; the app declares them in a v1-draft schema.';
  return `The app provides ${USER_NAMESPACE} by declaring the function under "imports" in the schema.`;
}

function checkExports({ exports }: ModuleDescription, schema: ExtensionSchema): void {
  const faults = Object.keys(schema.exports).flatMap((name) => {
    const found = exports.find((candidate) => candidate.name === name);
    if (found === undefined) return [`it has no export "${name}"`];
    return found.callable
      ? []
      : [`its export "${name}" is a ${found.type ?? found.kind}, not () -> i32 or () -> ()`];
  });
  if (faults.length === 0) return;
  throw new PlugbayError('invalid', `the module does not fit the extension point: ${faults.join('; ')}`, {
    hint: `The extension point asks for ${listing(Object.keys(schema.exports))}.`,
  });
}
