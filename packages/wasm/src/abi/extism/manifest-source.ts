// From a manifest to what a runtime opens: the source, and the options that the manifest speaks of.
import { type Limits, PlugbayError, type PluginSource, type WasiDirectory } from '@plugbay/core';
import { readModuleShape } from '../../binary/module-shape.ts';
import { INLINE_POLICY } from '../../binary/policy.ts';
import { MEMORY_MAX_PAGES } from '../../binary/stores.ts';
import { MAIN } from '../../module/plugin.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { type LoadedModule, loadModules, type ModuleLoading } from './manifest-load.ts';

/** A manifest, ready to be opened by whoever decides what of it is granted. */
export interface ManifestSource {
  /** The modules, for `Runtime.open`. */
  readonly source: PluginSource;
  readonly config: Readonly<Record<string, string>>;
  /** Of memory and variables, as far as the manifest speaks of them. */
  readonly limits: Partial<Limits>;
  /** What it wants of the file system, for `wasi.directories`. */
  readonly directories: readonly WasiDirectory[];
  /** Whom it wants to call, for an `http` capability. */
  readonly allowedHosts: readonly string[];
  /** Bytes of one HTTP response's body, for the same. */
  readonly maxHttpResponseBytes?: number;
  /** Milliseconds of one call, for `CallOptions.timeoutMs`. */
  readonly timeoutMs?: number;
}

/**
 * Reads a manifest and loads its modules. `name` is the plugin's, for logs and errors. Its `max_pages` are pages that its modules may
 * grow by, together, beyond what they start with; its `max_var_bytes` of 0 leaves no room for any variable.
 * @throws PlugbayError as {@link parseManifest}, {@link loadModules} and the guard.
 */
export async function readManifest(
  name: string,
  input: string | object,
  loading: ModuleLoading = {},
): Promise<ManifestSource> {
  const manifest = parseManifest(input);
  const modules = await loadModules(manifest, loading);
  const { config, allowedHosts, allowedPaths, memory, timeoutMs } = manifest;
  return Object.freeze({
    source: sourceOf(name, modules),
    config,
    limits: limitsOf(manifest, modules),
    directories: allowedPaths,
    allowedHosts,
    ...(memory.maxHttpResponseBytes === undefined
      ? {}
      : { maxHttpResponseBytes: memory.maxHttpResponseBytes }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

function sourceOf(name: string, modules: readonly LoadedModule[]): PluginSource {
  const main = modules.find((module) => module.name === MAIN);
  if (main === undefined) throw new PlugbayError('internal', 'a manifest has no main module');
  return { name, bytes: main.bytes, links: modules.filter((module) => module !== main) };
}

function limitsOf({ memory }: Manifest, modules: readonly LoadedModule[]): Partial<Limits> {
  const { maxPages, maxVarBytes } = memory;
  return {
    ...(maxPages === undefined
      ? {}
      : { memoryPages: Math.min(initialPages(modules) + maxPages, MEMORY_MAX_PAGES) || 1 }),
    // A variable costs more than a byte.
    ...(maxVarBytes === undefined ? {} : { variableBytes: Math.max(1, maxVarBytes) }),
  };
}

function initialPages(modules: readonly LoadedModule[]): number {
  const memories = modules.flatMap(({ bytes }) => readModuleShape(bytes, INLINE_POLICY).memories);
  return memories.reduce((sum, { initial }) => sum + initial, 0);
}
