// What a thread has to know of a plugin, from what it was opened with.
import { type HostFunction, PlugbayError, type WasiGrants } from '@plugbay/core';
import { HTTP_CALL } from '@plugbay/io/http-call';
import type { CompiledPlugin } from '../../abi/abi.ts';
import { EMIT_EVENT, HTTP_REQUEST } from '../../abi/apiqube/names.ts';
import type { Environment } from '../../abi/environment.ts';
import type { SdkLimits } from '../../abi/extism/sdk/allowance.ts';
import type { ImportShape } from '../../binary/external.ts';
import type { NamedFunction } from './host-side.ts';
import { modeKey, type PluginSetup } from './messages.ts';
import type { SharedVariables } from './variables.ts';

/** The message about a plugin. */
export function setupOf(
  id: number,
  compiled: CompiledPlugin,
  environment: Environment & { readonly variables: SharedVariables },
  sdk?: SdkLimits | undefined,
): PluginSetup {
  const { plugin, tenant, limits, config, wasi, metered, keepNames, keepsCommands, logger } = environment;
  return {
    id,
    name: plugin,
    tenant,
    limits,
    config,
    wasi,
    metered,
    keepNames,
    keepsCommands: keepsCommands ?? false,
    modes: modesOf(compiled, environment),
    asynchronous: environment.door.asynchronous ?? false,
    functions: hostFunctionsOf(compiled, environment).map(
      ({ namespace, name }) => [namespace, name] as const,
    ),
    logLevel: logger.level,
    sdk,
    variables: environment.variables.all(),
  };
}

/** The app's functions that the modules import, always in the same order. */
export function hostFunctionsOf(compiled: CompiledPlugin, { functions }: Environment): NamedFunction[] {
  const found = new Map<string, NamedFunction>();
  for (const { module, name, kind } of importsOf(compiled)) {
    if (kind !== 'function' || !Object.hasOwn(functions, module)) continue;
    const named = functions[module] as Readonly<Record<string, HostFunction>>;
    if (!Object.hasOwn(named, name)) continue;
    found.set(modeKey(module, name), { namespace: module, name, body: named[name] as HostFunction });
  }
  return [...found.values()];
}

/** Passes for grants that another thread can keep. @throws PlugbayError `unsupported`. */
export function requirePortable(wasi: WasiGrants | undefined): void {
  if (typeof wasi?.clock !== 'object') return;
  throw new PlugbayError('unsupported', 'a clock of the app’s own cannot be read from another thread', {
    hint: 'Grant clock "system" or "none", or open the plugin on the inline engine.',
  });
}

function modesOf(compiled: CompiledPlugin, { door }: Environment): PluginSetup['modes'] {
  const modes = new Map<string, 'sync' | 'async' | undefined>();
  const ask = (namespace: string, operation: string): void => {
    modes.set(modeKey(namespace, operation), door.mode(namespace, operation));
  };
  for (const { namespace, operation } of ASKED_WITHOUT_IMPORT) ask(namespace, operation);
  for (const { module, name, kind } of importsOf(compiled)) if (kind === 'function') ask(module, name);
  return modes;
}

// What is asked for by imports of other names.
const ASKED_WITHOUT_IMPORT = [HTTP_CALL, HTTP_REQUEST, EMIT_EVENT];

function importsOf({ main, links }: CompiledPlugin): ImportShape[] {
  return [main, ...links.values()].flatMap(({ shape }) => shape.imports);
}
