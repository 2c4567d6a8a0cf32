// From a manifest to the bytes of its modules: reads, fetches where that is allowed, and checks every hash.
import { createHash } from 'node:crypto';
import { ARTIFACT_MAX_BYTES, isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';
import type { Manifest } from './manifest.ts';
import { type ManifestModule, type ModuleOrigin, tooLarge } from './manifest-modules.ts';

/** What modules are loaded with. */
export interface ModuleLoading {
  /** Reads a file of at most `maxBytes` bytes. Without it, modules that are files are refused. */
  readonly readFile?: ((path: string, maxBytes: number) => Promise<Uint8Array>) | undefined;
  /** Fetches modules that are URLs. Without it, they are refused: loading does not use the network by itself. */
  readonly fetch?: typeof fetch | undefined;
  /** Ends loading early. */
  readonly signal?: AbortSignal | undefined;
}

/** A module's bytes, by the name that others import from. */
export interface LoadedModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

type FromUrl = Extract<ModuleOrigin, { kind: 'url' }>;

/**
 * The bytes of every module, in the manifest's order, each of at most {@link ARTIFACT_MAX_BYTES} bytes and what its hash says.
 * @throws PlugbayError `integrity` (hash), `limit` (size), `unsupported` (no way to read or fetch), `unavailable` (the server does
 * not answer, or with no module), `canceled`, or what `readFile` throws.
 */
export async function loadModules(
  manifest: Manifest,
  loading: ModuleLoading = {},
): Promise<readonly LoadedModule[]> {
  const loaded: LoadedModule[] = [];
  // One after the other: there are few, and the memory they take at once stays bounded.
  for (const [index, module] of manifest.modules.entries()) {
    const bytes = await load(module.origin, `wasm[${index}]`, loading);
    if (bytes.length > ARTIFACT_MAX_BYTES) throw tooLarge(`wasm[${index}]`);
    verify(module, bytes);
    loaded.push(Object.freeze({ name: module.name, bytes }));
  }
  return Object.freeze(loaded);
}

async function load(origin: ModuleOrigin, place: string, loading: ModuleLoading): Promise<Uint8Array> {
  if (loading.signal?.aborted === true) throw canceled(loading.signal);
  if (origin.kind === 'data') return origin.bytes;
  if (origin.kind === 'path') {
    if (loading.readFile === undefined) throw unsupported(`${place}: no files are read here`);
    return loading.readFile(origin.path, ARTIFACT_MAX_BYTES);
  }
  if (loading.fetch === undefined) throw unsupported(`${place}: nothing is fetched here`);
  return fetchModule(origin, place, loading.fetch, loading.signal);
}

async function fetchModule(
  { url, method, headers }: FromUrl,
  place: string,
  fetchUrl: typeof fetch,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  // Without its query, which is where tokens are.
  const { origin, pathname } = new URL(url);
  const where = `Extism manifest: ${place}: ${origin}${pathname}`;
  try {
    const response = await fetchUrl(url, { method, headers, ...(signal === undefined ? {} : { signal }) });
    if (!response.ok) {
      await response.body?.cancel();
      throw new PlugbayError('unavailable', `${where} answered ${response.status}`);
    }
    return await bodyOf(response, place);
  } catch (cause) {
    if (signal?.aborted === true) throw canceled(signal);
    if (isPlugbayError(cause)) throw cause;
    throw new PlugbayError('unavailable', `${where}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function bodyOf(response: Response, place: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > ARTIFACT_MAX_BYTES) throw tooLarge(place);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function verify({ hash }: ManifestModule, bytes: Uint8Array): void {
  if (hash === undefined) return;
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === hash) return;
  throw new PlugbayError('integrity', `Hash mismatch, found ${found} but expected ${hash}`, {
    hint: 'Check where the module comes from, or update the hash.',
  });
}

function canceled(signal: AbortSignal): PlugbayError {
  return new PlugbayError('canceled', 'loading the modules was canceled', { cause: signal.reason });
}

function unsupported(problem: string): PlugbayError {
  return new PlugbayError('unsupported', `Extism manifest: ${problem}`);
}
