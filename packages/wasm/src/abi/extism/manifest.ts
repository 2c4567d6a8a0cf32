// Extism's manifest in JSON: what a plugin is made of and what it may use. https://extism.org/docs/concepts/manifest
import { ARTIFACT_MAX_BYTES, PlugbayError } from '@plugbay/core';
import {
  type Field,
  fieldsOf,
  invalid,
  listOf,
  textMapOf,
  textOf,
  wholeNumberOf,
} from './manifest-fields.ts';
import { type ManifestModule, parseModules } from './manifest-modules.ts';

/** Characters of a manifest in JSON: one module at its limit in base64, and 1 MiB for everything else. */
export const MANIFEST_MAX_CHARACTERS: number = Math.ceil(ARTIFACT_MAX_BYTES / 3) * 4 + 1024 * 1024;

// Hosts: 1,000, as every request is compared with each.
const MAX_HOSTS = 1_000;
// Folders: 100, as each is opened for every instance.
const MAX_PATHS = 100;
// Keys of the configuration: 10,000, far above what people write by hand.
const MAX_CONFIG_KEYS = 10_000;
// 253: the longest name that DNS knows, and a pattern is hardly longer.
const HOST_MAX_CHARACTERS = 253;
// 4,096: PATH_MAX of Linux.
const PATH_MAX_CHARACTERS = 4_096;
// 1,024: a key is a name.
const KEY_MAX_CHARACTERS = 1_024;
// 1 MiB: what all variables of a plugin may have, and configuration is no place for more.
const VALUE_MAX_CHARACTERS = 1024 * 1024;
// What the format's own type can hold.
const MAX_PAGES = 2 ** 32 - 1;

const READ_ONLY = 'ro:';

/** A folder of the host that the plugin may use. */
interface ManifestPath {
  /** The folder on the host. */
  readonly host: string;
  /** What the plugin calls it. */
  readonly guest: string;
  /** Whether the plugin may only read there. */
  readonly readOnly: boolean;
}

/** Limits of the plugin's memory. What is absent has the default of whoever runs the plugin. */
interface ManifestMemory {
  /** Pages of 64 KiB: 0 to 2^32-1. */
  readonly maxPages?: number;
  /** Bytes of one HTTP response's body. */
  readonly maxHttpResponseBytes?: number;
  /** Bytes of all variables; 0 switches them off. */
  readonly maxVarBytes?: number;
}

/** A manifest as the rest of us reads it: checked, complete and immutable. */
export interface Manifest {
  /** At least one; exactly one is called `main`. */
  readonly modules: readonly ManifestModule[];
  readonly memory: ManifestMemory;
  readonly config: Readonly<Record<string, string>>;
  /** Names and patterns of hosts that the plugin may call; none of them when it is empty. */
  readonly allowedHosts: readonly string[];
  readonly allowedPaths: readonly ManifestPath[];
  /** Milliseconds of one call; absent when there is no limit. */
  readonly timeoutMs?: number;
}

/**
 * Reads a manifest, in JSON or as the object that JSON would be; in an object, a module's `data` may also be bytes, which must not
 * be changed afterwards. Strict as the runtime in Rust: what it does not know is refused. Field names may be spelled as the format
 * does, `allowed_hosts`, or as JavaScript does, `allowedHosts`. `allowed_paths` map folders of the host to names in the plugin;
 * a folder whose name begins with `ro:` is for reading only.
 * @throws PlugbayError `invalid` that names the field, or `limit` for a manifest or a module that is too large.
 */
export function parseManifest(input: string | object): Manifest {
  const value = typeof input === 'string' ? parseJson(input) : input;
  const fields = fieldsOf(
    { path: '', value },
    {
      wasm: 'required',
      memory: 'optional',
      config: 'optional',
      allowed_hosts: 'nullable',
      allowed_paths: 'nullable',
      timeout_ms: 'nullable',
    },
  );
  const timeout = fields.get('timeout_ms');
  return Object.freeze({
    modules: parseModules(fields.get('wasm') as Field),
    memory: parseMemory(fields.get('memory')),
    config: parseConfig(fields.get('config')),
    allowedHosts: parseHosts(fields.get('allowed_hosts')),
    allowedPaths: parsePaths(fields.get('allowed_paths')),
    ...(timeout === undefined ? {} : { timeoutMs: wholeNumberOf(timeout, Number.MAX_SAFE_INTEGER) }),
  });
}

function parseJson(text: string): unknown {
  if (text.length > MANIFEST_MAX_CHARACTERS) {
    throw new PlugbayError(
      'limit',
      `Extism manifest: it has ${text.length} characters, more than ${MANIFEST_MAX_CHARACTERS}`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PlugbayError('invalid', 'Extism manifest: it is not JSON', {
      hint: 'Pass a JSON text or an object; TOML is not supported.',
      cause,
    });
  }
}

function parseMemory(field: Field | undefined): ManifestMemory {
  if (field === undefined) return Object.freeze({});
  const fields = fieldsOf(field, {
    max_pages: 'nullable',
    max_http_response_bytes: 'nullable',
    max_var_bytes: 'nullable',
  });
  const pages = fields.get('max_pages');
  const http = fields.get('max_http_response_bytes');
  const variables = fields.get('max_var_bytes');
  return Object.freeze({
    ...(pages === undefined ? {} : { maxPages: wholeNumberOf(pages, MAX_PAGES) }),
    ...(http === undefined ? {} : { maxHttpResponseBytes: wholeNumberOf(http, Number.MAX_SAFE_INTEGER) }),
    ...(variables === undefined ? {} : { maxVarBytes: wholeNumberOf(variables, Number.MAX_SAFE_INTEGER) }),
  });
}

function parseConfig(field: Field | undefined): Readonly<Record<string, string>> {
  if (field === undefined) return Object.freeze({});
  const bounds = {
    entries: MAX_CONFIG_KEYS,
    keyCharacters: KEY_MAX_CHARACTERS,
    valueCharacters: VALUE_MAX_CHARACTERS,
  };
  // Not by assignment: a key may be __proto__.
  return Object.freeze(Object.fromEntries(textMapOf(field, bounds)));
}

function parseHosts(field: Field | undefined): readonly string[] {
  if (field === undefined) return Object.freeze([]);
  return Object.freeze(listOf(field, MAX_HOSTS).map((host) => textOf(host, HOST_MAX_CHARACTERS)));
}

function parsePaths(field: Field | undefined): readonly ManifestPath[] {
  if (field === undefined) return Object.freeze([]);
  const bounds = {
    entries: MAX_PATHS,
    keyCharacters: PATH_MAX_CHARACTERS,
    valueCharacters: PATH_MAX_CHARACTERS,
  };
  return Object.freeze(textMapOf(field, bounds).map(([host, guest]) => parsePath(field, host, guest)));
}

function parsePath({ path }: Field, key: string, guest: string): ManifestPath {
  const readOnly = key.startsWith(READ_ONLY);
  const host = readOnly ? key.slice(READ_ONLY.length) : key;
  if (host === '' || guest === '') {
    throw invalid(path, `maps ${kindOfPath(host)} to ${kindOfPath(guest)}`, 'Map a folder to a name.');
  }
  return Object.freeze({ host, guest, readOnly });
}

function kindOfPath(path: string): string {
  return path === '' ? 'nothing' : `"${path.slice(0, 80)}"`;
}
