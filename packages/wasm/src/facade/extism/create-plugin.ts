// Creates plugins as the SDK does: from anything that leads to a manifest, with options laid over it.
import nodeConsole from 'node:console';
import { InlinePlugins } from './inline.ts';
import { readManifest } from './manifest.ts';
import { ExtismPlugin } from './plugin.ts';
import { settle } from './settings.ts';
import { loadModules } from './sources.ts';
import type { ExtismPluginOptions, ManifestLike, Plugin } from './types.ts';
import { WorkerPlugins } from './workers.ts';

// One of each for the process, because the SDK's interface has nothing that could keep them. They are a cache of modules, which are
// never changed, and threads that all plugins in workers share.
let inline: InlinePlugins | undefined;
let workers: WorkerPlugins | undefined;

/**
 * Creates a plugin. It runs on this thread, unless `runInWorker` says otherwise.
 *
 * Rejects with TypeError (no manifest, options of a wrong type), or PlugbayError `unsupported` (WASI that is not enabled),
 * `integrity` (hash), `invalid` (no module, imports nobody provides), `limit` (the module's size and shape), `trap`, and what
 * reading, fetching and the module's start throw.
 */
export async function createPlugin(
  manifest: ManifestLike | PromiseLike<ManifestLike>,
  opts: ExtismPluginOptions = {},
): Promise<Plugin> {
  const send = opts.fetch ?? fetch;
  const { wasm, options } = await readManifest(await manifest, send);
  const settings = settle(opts, options, nodeConsole);
  const modules = await loadModules(wasm, send);
  const opened = await plugins(opts.runInWorker === true).open(modules, settings);
  return new ExtismPlugin(opened, settings.timeoutMs);
}

function plugins(inWorker: boolean): InlinePlugins | WorkerPlugins {
  if (inWorker) {
    workers ??= new WorkerPlugins();
    return workers;
  }
  inline ??= new InlinePlugins();
  return inline;
}
