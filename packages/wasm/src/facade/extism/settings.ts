// What a plugin is opened with: the options laid over the manifest's, field by field, and checked.
import type { WasiGrants } from '@plugbay/core';
import { PluginLog } from './logger.ts';
import { isObject, type Unchecked } from './manifest.ts';
import type { ExtismPluginOptions } from './types.ts';

/** Options, complete. */
export interface Settings {
  readonly wasi: WasiGrants | undefined;
  readonly log: PluginLog;
  readonly functions: NonNullable<ExtismPluginOptions['functions']>;
  readonly allowedHosts: readonly string[];
  /** Undefined for no limit, here as in what follows. */
  readonly maxPages: number | undefined;
  readonly maxHttpResponseBytes: number | undefined;
  readonly maxVarBytes: number | undefined;
  /** Milliseconds. */
  readonly timeoutMs: number | undefined;
  readonly config: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch | undefined;
  readonly allowHttpResponseHeaders: boolean;
}

// What makes visible what plugins write, when the option does not say.
const WASI_OUTPUT_VARIABLE = 'EXTISM_ENABLE_WASI_OUTPUT';

const READ_ONLY = 'ro:';

/** @throws TypeError for an option of the wrong type. */
export function settle(options: ExtismPluginOptions, manifest: Unchecked, logger: Console): Settings {
  const given = { options: { ...options } as Unchecked, manifest };
  const memory = { options: objectIn(given.options, 'memory'), manifest: objectIn(manifest, 'memory') };
  const paths = textsIn('allowedPaths', pick(given, 'allowedPaths', 'allowed_paths'));
  return {
    wasi: options.useWasi === true ? grants(paths, options.enableWasiOutput) : undefined,
    log: new PluginLog(options.logger ?? logger, options.logLevel ?? 'silent'),
    functions: options.functions ?? {},
    allowedHosts: listIn('allowedHosts', pick(given, 'allowedHosts', 'allowed_hosts')),
    maxPages: limitIn('memory.maxPages', pick(memory, 'maxPages', 'max_pages')),
    maxHttpResponseBytes: limitIn(
      'memory.maxHttpResponseBytes',
      pick(memory, 'maxHttpResponseBytes', 'max_http_response_bytes'),
    ),
    maxVarBytes: limitIn('memory.maxVarBytes', pick(memory, 'maxVarBytes', 'max_var_bytes')),
    timeoutMs: limitIn('timeoutMs', pick(given, 'timeoutMs', 'timeout_ms')),
    config: textsIn('config', pick(given, 'config', 'config')),
    fetch: options.fetch,
    allowHttpResponseHeaders: options.allowHttpResponseHeaders ?? false,
  };
}

interface Given {
  readonly options: Unchecked;
  readonly manifest: Unchecked;
}

// null is the same as absent, as in manifests.
function pick({ options, manifest }: Given, name: string, formatName: string): unknown {
  return options[name] ?? manifest[name] ?? manifest[formatName] ?? undefined;
}

function objectIn(holder: Unchecked, name: string): Unchecked {
  const value = holder[name] ?? {};
  if (isObject(value)) return value;
  throw new TypeError(`${name} must be an object`);
}

function textsIn(name: string, value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (isObject(value) && Object.values(value).every((text) => typeof text === 'string'))
    return value as Record<string, string>;
  throw new TypeError(`${name} must be an object of strings`);
}

function listIn(name: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value;
  throw new TypeError(`${name} must be an array of strings`);
}

function limitIn(name: string, value: unknown): number | undefined {
  if (value === undefined || value === 0) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`${name} must be a whole number from 0, not ${String(value)}`);
}

function grants(paths: Readonly<Record<string, string>>, shows: boolean | undefined): WasiGrants {
  const output = (shows ?? isOutputWanted()) ? 'inherit' : 'drop';
  const directories = Object.entries(paths).map(([guest, place]) => {
    const readOnly = place.startsWith(READ_ONLY);
    return { guest, host: readOnly ? place.slice(READ_ONLY.length) : place, readOnly };
  });
  return { stdout: output, stderr: output, directories };
}

/** Whether the environment says that what plugins write is shown. */
export function isOutputWanted(): boolean {
  return (process.env[WASI_OUTPUT_VARIABLE] ?? '') !== '';
}
