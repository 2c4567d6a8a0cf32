// Compiled modules of one runtime: each is compiled once, however many plugins are opened from it.
import { verifyContent } from '@plugbay/core';
import type { GuardPolicy } from '../binary/policy.ts';
import { type CompiledModule, compileModule } from './compile.ts';

// Machine code is some five times a module's bytes, so that 128 of the usual 100 KB to 1 MB stay below 1 GB.
const CACHED_MODULES = 128;

/** Compiled modules by digest and memory cap; the least recently used ones are forgotten. */
export class ModuleCache {
  readonly #policy: GuardPolicy;
  readonly #capacity: number;
  // In order of use, the oldest first. Attempts under way stand here too, so that callers share them.
  readonly #modules = new Map<string, Promise<CompiledModule>>();

  constructor(policy: GuardPolicy, capacity: number = CACHED_MODULES) {
    this.#policy = policy;
    this.#capacity = capacity;
  }

  /**
   * The module that `digest` names, compiled with this cap. `bytes` are looked at only when it is not here yet.
   * @throws PlugbayError `integrity` (the bytes are not the digest's), and as {@link compileModule}; failures are not kept.
   */
  get(digest: string, bytes: Uint8Array, memoryPages: number): Promise<CompiledModule> {
    const key = `${digest} ${memoryPages}`;
    const module = this.#modules.get(key) ?? this.#compile(digest, bytes, memoryPages);
    // Set anew in any case, which makes it the youngest.
    this.#modules.delete(key);
    this.#modules.set(key, module);
    module.catch(() => {
      if (this.#modules.get(key) === module) this.#modules.delete(key);
    });
    for (const oldest of this.#modules.keys()) {
      if (this.#modules.size <= this.#capacity) break;
      this.#modules.delete(oldest);
    }
    return module;
  }

  async #compile(digest: string, bytes: Uint8Array, memoryPages: number): Promise<CompiledModule> {
    verifyContent(digest, bytes);
    return compileModule(bytes, this.#policy, memoryPages);
  }
}
