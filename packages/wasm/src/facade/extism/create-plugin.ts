// Creates plugins as the SDK does: from anything that leads to a manifest, with options laid over it.
import nodeConsole from 'node:console';
import { Engine } from './engine.ts';
import { sdkError } from './errors.ts';
import { readManifest } from './manifest.ts';
import { ExtismPlugin } from './plugin.ts';
import { settle } from './settings.ts';
import { loadModules } from './sources.ts';
import type { ExtismPluginOptions, ManifestLike, Plugin } from './types.ts';

// One for the process, because the SDK's interface has nothing that could keep it. It is a cache of modules, which are never changed.
let engine: Engine | undefined;

/**
 * Creates a plugin. It runs on this thread.
 *
 * Rejects with TypeError (no manifest, options of a wrong type), or PlugbayError `unsupported` (`runInWorker`, WASI that is not
 * enabled), `integrity` (hash), `invalid` (no module, imports nobody provides), `limit` (the module's size and shape), `trap`, and
 * what reading, fetching and the module's start throw.
 */
export async function createPlugin(
  manifest: ManifestLike | PromiseLike<ManifestLike>,
  opts: ExtismPluginOptions = {},
): Promise<Plugin> {
  if (opts.runInWorker === true) throw inWorker();
  const send = opts.fetch ?? fetch;
  const { wasm, options } = await readManifest(await manifest, send);
  const settings = settle(opts, options, nodeConsole);
  const modules = await loadModules(wasm, send);
  engine ??= new Engine();
  return new ExtismPlugin(await engine.open(modules, settings), settings.timeoutMs);
}

function inWorker(): Error {
  return sdkError(
    'unsupported',
    'plugins cannot run in workers yet',
    'Leave runInWorker out: asynchronous host functions, allowedHosts and timeoutMs work without it.',
  );
}
