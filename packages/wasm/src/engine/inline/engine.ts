// The inline engine: compiles plugins and makes them run on this thread.
import type { PluginSource, PoolSettings } from '@plugbay/core';
import type { CompiledPlugin } from '../../abi/abi.ts';
import { Abis } from '../../abi/abis.ts';
import type { Environment } from '../../abi/environment.ts';
import type { ModuleShape } from '../../binary/module-shape.ts';
import { INLINE_POLICY } from '../../binary/policy.ts';
import { ModuleCache } from '../../module/cache.ts';
import type { Companion } from '../../module/companion.ts';
import { compilePlugin } from '../../module/plugin.ts';
import { CallChain } from '../call-chain.ts';
import { identityOf } from '../identity.ts';
import { InlinePlugin } from './plugin.ts';

/** Compiled modules and calls of one thread. */
export class InlineEngine {
  readonly #modules = new ModuleCache(INLINE_POLICY);
  readonly #chain = new CallChain();
  readonly #abis = new Abis();
  readonly #companionOf = (shape: ModuleShape): Companion | undefined => this.#abis.of(shape).companion;

  /** @throws PlugbayError as {@link compilePlugin}; `unsupported` (ABI). */
  compile(source: PluginSource, { limits, metered, keepNames }: Environment): Promise<CompiledPlugin> {
    return compilePlugin(source, this.#modules, {
      memoryPages: limits.memoryPages,
      companionOf: this.#companionOf,
      metered,
      keepNames,
    });
  }

  /** Starts a plugin. @throws PlugbayError as {@link Abi.link} and the constructor of {@link InlinePlugin}. */
  start(
    source: PluginSource,
    compiled: CompiledPlugin,
    environment: Environment,
    pool: PoolSettings,
  ): InlinePlugin {
    const abi = this.#abis.of(compiled.main.shape);
    const linked = abi.link(compiled, environment);
    return new InlinePlugin(identityOf(source), abi.name, linked, environment, pool, this.#chain);
  }
}
