// Compiles a plugin's modules: those that are bytes within its limits, those that somebody else compiled as they are.
import type { CompiledPlugin } from '../../abi/abi.ts';
import type { ExtismAbi } from '../../abi/extism/extism.ts';
import { INLINE_POLICY } from '../../binary/policy.ts';
import { MEMORY_MAX_PAGES } from '../../binary/stores.ts';
import { ModuleCache } from '../../module/cache.ts';
import { type Compile, type CompiledModule, compileModule, type Recipe } from '../../module/compile.ts';
import { compilePlugin } from '../../module/plugin.ts';
import { precompiled } from '../../module/precompiled.ts';
import { NAME, NO_BYTES } from './environment.ts';
import type { ModuleCode, Modules } from './sources.ts';

// 32: more different plugins than an app opens over and over; compiled modules of others are let go.
const CACHED_MODULES = 32;

/** How a plugin's modules are to be rewritten. */
export type Rewriting = Pick<Recipe, 'metered' | 'watched'>;

/** Compiles for one engine; each module once. */
export class Compiler {
  readonly #modules: ModuleCache;
  readonly #companionOf: NonNullable<Recipe['companionOf']>;

  /** `compile` says where modules are compiled. @default this thread */
  constructor({ companion }: ExtismAbi, compile: Compile = compileModule) {
    this.#modules = new ModuleCache(INLINE_POLICY, CACHED_MODULES, compile);
    this.#companionOf = () => companion;
  }

  /**
   * Compiles a plugin whose module's own memory may grow by `maxPages` pages of 64 KiB; undefined for no limit.
   * @throws PlugbayError as {@link compilePlugin}.
   */
  async compile(
    { main, links }: Modules,
    maxPages: number | undefined,
    rewriting: Rewriting,
  ): Promise<CompiledPlugin> {
    const codes = [main, ...links.values()];
    const recipe = { ...rewriting, memoryPages: this.#memoryPages(codes, maxPages) };
    if (!codes.some(isCompiled)) {
      const sources = [...links].map(([name, code]) => ({ name, ...sourceOf(code) }));
      const source = { name: NAME, ...sourceOf(main), links: sources };
      return compilePlugin(source, this.#modules, { ...recipe, companionOf: this.#companionOf });
    }
    const compile = async (code: ModuleCode): Promise<CompiledModule> =>
      isCompiled(code) ? precompiled(code.module) : this.#modules.get({ name: NAME, ...code }, recipe);
    const others: [string, CompiledModule][] = [];
    for (const [name, code] of links) others.push([name, await compile(code)]);
    return { main: await compile(main), links: new Map(others) };
  }

  // What modules start with is not counted, as in the Extism runtime: it is their programs and their stacks.
  #memoryPages(codes: readonly ModuleCode[], maxPages: number | undefined): number {
    if (maxPages === undefined) return MEMORY_MAX_PAGES;
    const initial = codes
      .flatMap((code) => (isCompiled(code) ? [] : this.#modules.shape({ name: NAME, ...code }).memories))
      .reduce((sum, memory) => sum + memory.initial, 0);
    return Math.min(MEMORY_MAX_PAGES, initial + maxPages);
  }
}

/** Whether any module of a plugin was compiled by somebody else, so that nothing in it can be counted. */
export function hasCompiled({ main, links }: Modules): boolean {
  return [main, ...links.values()].some(isCompiled);
}

/** What is kept of a module's source while its plugin is open. */
export function identityOf(code: ModuleCode): { name: string; bytes: Uint8Array; digest?: string } {
  return { name: NAME, bytes: NO_BYTES, ...(isCompiled(code) ? {} : { digest: code.digest }) };
}

function isCompiled(code: ModuleCode): code is Extract<ModuleCode, { module: unknown }> {
  return 'module' in code;
}

function sourceOf(code: ModuleCode): { readonly bytes: Uint8Array; readonly digest?: string } {
  return isCompiled(code) ? { bytes: NO_BYTES } : code;
}
