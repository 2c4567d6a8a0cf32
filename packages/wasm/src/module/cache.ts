// Compiled modules of one runtime: each is compiled once, however many plugins are opened from it.
import { type ModuleSource, verifyContent } from '@plugbay/core';
import { guardModule } from '../binary/guard.ts';
import type { ModuleShape } from '../binary/module-shape.ts';
import type { GuardPolicy } from '../binary/policy.ts';
import { type Compile, type CompiledModule, compileModule, type Recipe } from './compile.ts';

// Machine code is some five times a module's bytes, so that 128 of the usual 100 KB to 1 MB stay below 1 GB.
const CACHED_MODULES = 128;

type Modules = Map<string, Promise<CompiledModule>>;

/** Compiled modules by what they were made from and how. Attempts under way are shared, failures are not kept. */
export class ModuleCache {
  readonly #policy: GuardPolicy;
  readonly #compile: Compile;
  readonly #capacity: number;
  // By digest and recipe, in order of use, the oldest first.
  readonly #known: Modules = new Map();
  // Those without a digest, for as long as their bytes are around.
  readonly #anonymous = new WeakMap<Uint8Array, Modules>();

  /** For modules that `policy` lets in. It keeps `capacity` of them, from 1; `compile` says where they are compiled. */
  constructor(policy: GuardPolicy, capacity: number = CACHED_MODULES, compile: Compile = compileModule) {
    this.#policy = policy;
    this.#compile = compile;
    this.#capacity = capacity;
  }

  /**
   * The source's module, compiled by this recipe. Bytes that have a digest are looked at only when it is not known yet.
   * @throws PlugbayError `integrity` (the bytes are not the digest's), and as {@link Compile}.
   */
  get(source: ModuleSource, recipe: Recipe): Promise<CompiledModule> {
    const { digest, bytes } = source;
    if (digest !== undefined) {
      return this.#recent(`${digest} ${keyOf(recipe)}`, async () => {
        verifyContent(digest, bytes);
        return this.#compile(bytes, this.#policy, recipe);
      });
    }
    const modules: Modules = this.#anonymous.get(bytes) ?? new Map();
    this.#anonymous.set(bytes, modules);
    return share(modules, keyOf(recipe), () => this.#compile(bytes, this.#policy, recipe));
  }

  /** What the source's module declares, without compiling it. @throws as {@link guardModule}. */
  shape(source: ModuleSource): ModuleShape {
    return guardModule(source.bytes, this.#policy);
  }

  #recent(key: string, compile: () => Promise<CompiledModule>): Promise<CompiledModule> {
    const module = share(this.#known, key, compile);
    // Set anew in any case, which makes it the youngest.
    this.#known.delete(key);
    this.#known.set(key, module);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#capacity) break;
      this.#known.delete(oldest);
    }
    return module;
  }
}

function share(
  modules: Modules,
  key: string,
  compile: () => Promise<CompiledModule>,
): Promise<CompiledModule> {
  const known = modules.get(key);
  if (known !== undefined) return known;
  const module = compile();
  modules.set(key, module);
  module.catch(() => {
    if (modules.get(key) === module) modules.delete(key);
  });
  return module;
}

// A runtime has one companion for each calling convention, so that whether there is one says which.
function keyOf({ memoryPages, companionOf, metered, watched, keepNames }: Recipe): string {
  return `${memoryPages} ${companionOf === undefined ? 'apart' : 'merged'} ${metered === true} ${watched === true} ${keepNames === true}`;
}
