// The modules of a manifest: loaded, checked against their hashes, and named.
import { readFile } from 'node:fs/promises';
import { ARTIFACT_MAX_BYTES, contentAddress } from '@plugbay/core';
import { MAIN } from '../../module/plugin.ts';
import { sdkError } from './errors.ts';
import { isObject, type Unchecked } from './manifest.ts';
import { bodyOf } from './response.ts';

/** A module by its bytes and what they are called, or one that somebody else compiled. */
export type ModuleCode =
  | { readonly bytes: Uint8Array; readonly digest: string }
  | { readonly module: WebAssembly.Module };

/** A plugin's modules. */
export interface Modules {
  readonly main: ModuleCode;
  /** The others, by the names that they are imported by. */
  readonly links: ReadonlyMap<string, ModuleCode>;
}

/**
 * Loads the modules of a manifest, one after the other.
 * @throws TypeError (no such module), PlugbayError `integrity` (hash), `invalid` (names), `limit` (size), and what reading and
 * fetching throw.
 */
export async function loadModules(items: readonly Unchecked[], send: typeof fetch): Promise<Modules> {
  const names = settleNames(items);
  const modules = new Map<string, ModuleCode>();
  for (const [index, item] of items.entries())
    modules.set(names[index] as string, await load(item, index, send));
  const main = modules.get(MAIN) as ModuleCode;
  modules.delete(MAIN);
  return { main, links: modules };
}

// A single module is the main one. Of several, the last one is unless it has a name; the others may do without.
function settleNames(items: readonly Unchecked[]): readonly string[] {
  if (items.length === 1) return [MAIN];
  const given = items.map((item, index) => textIn(item, 'name', index));
  const last = given.includes(MAIN) ? undefined : MAIN;
  const names = given.map(
    (name, index) => name ?? (index === given.length - 1 ? last : undefined) ?? String(index),
  );
  if (!names.includes(MAIN))
    throw sdkError('invalid', 'manifest with multiple modules must designate one "main" module');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw sdkError('invalid', `Duplicate module name found in Extism manifest: ${twice}`);
  return names;
}

async function load(item: Unchecked, index: number, send: typeof fetch): Promise<ModuleCode> {
  const hash = textIn(item, 'hash', index);
  const { module } = item;
  if (module instanceof WebAssembly.Module) {
    if (hash === undefined) return { module };
    throw sdkError(
      'invalid',
      'Item specified a hash but WebAssembly.Module source data is unavailable for hashing',
    );
  }
  const bytes = await bytesOf(item, index, send);
  if (bytes.length > ARTIFACT_MAX_BYTES)
    throw sdkError('limit', `manifest.wasm[${index}] has more than ${ARTIFACT_MAX_BYTES} bytes`);
  const digest = contentAddress(bytes);
  if (hash !== undefined) checkHash(hash, digest);
  return { bytes, digest };
}

async function bytesOf(item: Unchecked, index: number, send: typeof fetch): Promise<Uint8Array> {
  const { data, path, url, response } = item;
  if (data !== undefined) return dataOf(data, index);
  if (typeof path === 'string') return readFile(path);
  if (url instanceof URL || typeof url === 'string') return fetched(new URL(url), item, index, send);
  if (response instanceof Response) return bodyOf(response, ARTIFACT_MAX_BYTES);
  throw new TypeError(`manifest.wasm[${index}] has none of data, path, url, response and module`);
}

// A copy, because what becomes of the app's own buffer while the module is compiled is the app's affair.
function dataOf(data: unknown, index: number): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'base64');
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (data instanceof ArrayBuffer) return new Uint8Array(data).slice();
  throw new TypeError(`manifest.wasm[${index}].data must be bytes, or base64`);
}

function fetched(url: URL, item: Unchecked, index: number, send: typeof fetch): Promise<Uint8Array> {
  if (url.protocol === 'file:') return readFile(url);
  const method = textIn(item, 'method', index);
  const headers = headersIn(item, index);
  const init: RequestInit = {
    ...(method === undefined ? {} : { method: method.toUpperCase() }),
    ...(headers === undefined ? {} : { headers }),
  };
  return send(url, init).then((response) => bodyOf(response, ARTIFACT_MAX_BYTES));
}

function headersIn({ headers }: Unchecked, index: number): Record<string, string> | undefined {
  if (headers === undefined || headers === null) return undefined;
  if (isObject(headers))
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  throw new TypeError(`manifest.wasm[${index}].headers must be an object`);
}

function textIn(item: Unchecked, field: string, index: number): string | undefined {
  const value = item[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new TypeError(`manifest.wasm[${index}].${field} must be a string`);
}

function checkHash(expected: string, digest: string): void {
  const actual = Buffer.from(digest, 'base64url').toString('hex');
  if (expected.toLowerCase() === actual) return;
  throw sdkError('integrity', `Plugin error: hash mismatch. Expected: ${expected}. Actual: ${actual}`);
}
