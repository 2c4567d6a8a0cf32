// Whether every import of a plugin's modules has an answer; the texts of what has none are the SDK's.

import type { CompiledPlugin } from '../../abi/abi.ts';
import { EXTISM_ENV, EXTISM_ENV_NAMES } from '../../abi/extism/env.ts';
import type { ImportShape } from '../../binary/external.ts';
import type { CompiledModule } from '../../module/compile.ts';
import { MAIN } from '../../module/plugin.ts';
import { WASI_NAMESPACES, wasiSignature } from '../../wasi/signatures.ts';
import { sdkError } from './errors.ts';
import { functionIn } from './host-functions.ts';
import type { ExtismPluginOptions } from './types.ts';

/** Who may answer imports, beside the plugin's own modules. */
export interface Providers {
  readonly functions: NonNullable<ExtismPluginOptions['functions']>;
  readonly useWasi: boolean;
}

/** @throws PlugbayError `unsupported` (WASI that is not enabled), `invalid` for the first import that nobody provides. */
export function checkImports({ main, links }: CompiledPlugin, providers: Providers): void {
  // Alone, a module that imports from "main" means a namespace of the app.
  const modules = links.size === 0 ? links : new Map([...links, [MAIN, main]]);
  const seen = new Set<string>([MAIN]);
  const visit = ({ shape }: CompiledModule, path: string): void => {
    for (const wanted of shape.imports) {
      const sibling = modules.get(wanted.module);
      if (sibling === undefined) {
        checkHost(wanted, path, providers);
        continue;
      }
      if (!sibling.shape.exports.some(({ name, kind }) => name === wanted.name && kind === wanted.kind))
        throw sdkError(
          'invalid',
          `from module ${path}: cannot import ${quoted(wanted)}; no export matched request`,
        );
      if (seen.has(wanted.module)) continue;
      seen.add(wanted.module);
      visit(sibling, `${path}/"${wanted.module}"`);
    }
  };
  visit(main, `"${MAIN}"`);
}

function checkHost(wanted: ImportShape, path: string, { functions, useWasi }: Providers): void {
  const { module, name, kind } = wanted;
  const isWasi = WASI_NAMESPACES.includes(module);
  if (isWasi && !useWasi) {
    const hint = 'Create the plugin with { useWasi: true }, or build it without WASI.';
    throw sdkError('unsupported', 'WASI is not enabled; see the "useWasi" plugin option', hint);
  }
  if (kind === 'function') {
    if (module === EXTISM_ENV && EXTISM_ENV_NAMES.includes(name)) return;
    if (isWasi && wasiSignature(module, name) !== undefined) return;
    if (functionIn(functions, module, name) !== undefined) return;
  }
  const isKnown = isWasi || module === EXTISM_ENV || Object.hasOwn(functions, module);
  const why = isKnown
    ? ` ("${module}" is a host module, but does not contain "${name}")`
    : ': not provided by host imports nor linked manifest items';
  throw sdkError('invalid', `from module ${path}: cannot resolve import ${quoted(wanted)}${why}`);
}

function quoted({ module, name }: ImportShape): string {
  return `"${module}" "${name}"`;
}
