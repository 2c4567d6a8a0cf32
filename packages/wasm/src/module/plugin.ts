// The modules of one plugin, compiled: the main one and those that it may import from.
import { type ModuleSource, PlugbayError, type PluginSource } from '@plugbay/core';
import type { CompiledPlugin } from '../abi/abi.ts';
import type { DeclaredLimits } from '../binary/limits.ts';
import type { ModuleCache } from './cache.ts';
import type { CompiledModule, Recipe } from './compile.ts';

/** The name of the module that is called; the others are called as their sources say. */
export const MAIN = 'main';

/**
 * Compiles the modules of a plugin. What `recipe` says of memory holds for all of them together.
 * @throws PlugbayError `invalid` (two modules of one name), `limit` (they start with more memory than they may have), and as
 * {@link ModuleCache.get}.
 */
export async function compilePlugin(
  source: PluginSource,
  modules: ModuleCache,
  recipe: Recipe,
): Promise<CompiledPlugin> {
  const { links = [] } = source;
  if (links.length === 0) return { main: await modules.get(source, recipe), links: new Map() };
  const sources = byName(source, links);
  const shares = memoryShares(sources, modules, recipe.memoryPages);
  const compiled = new Map<string, CompiledModule>();
  for (const [name, module] of sources) {
    const memoryPages = shares.get(name) ?? 0;
    // Companions become part of a module that is alone; those of several share one.
    compiled.set(name, await modules.get(module, { ...recipe, memoryPages, companionOf: undefined }));
  }
  const main = compiled.get(MAIN) as CompiledModule;
  compiled.delete(MAIN);
  return { main, links: compiled };
}

function byName(main: ModuleSource, links: readonly ModuleSource[]): Map<string, ModuleSource> {
  const sources = new Map([[MAIN, main]]);
  for (const link of links) {
    if (sources.has(link.name)) throw new PlugbayError('invalid', `two modules are named "${link.name}"`);
    sources.set(link.name, link);
  }
  return sources;
}

// Each module gets what it starts with, and the one that starts with most, which is the runtime of the others, all the rest.
function memoryShares(
  sources: ReadonlyMap<string, ModuleSource>,
  modules: ModuleCache,
  cap: number,
): Map<string, number> {
  const shares = new Map<string, number>();
  let left = cap;
  let largest = MAIN;
  for (const [name, source] of sources) {
    const initial = initialPages(modules.shape(source).memories);
    shares.set(name, initial);
    left -= initial;
    if (initial > (shares.get(largest) ?? 0)) largest = name;
  }
  if (left < 0) {
    throw new PlugbayError(
      'limit',
      `the modules start with ${cap - left} pages of memory; memoryPages is ${cap}`,
    );
  }
  shares.set(largest, (shares.get(largest) ?? 0) + left);
  return shares;
}

function initialPages(memories: readonly DeclaredLimits[]): number {
  return memories.reduce((sum, { initial }) => sum + initial, 0);
}
