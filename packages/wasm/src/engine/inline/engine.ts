// The inline engine: compiles plugins and makes them run on this thread.
import { type AbiName, contentAddress, type PluginInfo, type PluginSource, type PoolSettings } from '@plugbay/core';
import type { Abi, CompiledPlugin } from '../../abi/abi.ts';
import { detectAbi, unsupportedAbi } from '../../abi/detect.ts';
import type { Environment } from '../../abi/environment.ts';
import { extismAbi } from '../../abi/extism/extism.ts';
import type { ModuleShape } from '../../binary/module-shape.ts';
import { INLINE_POLICY } from '../../binary/policy.ts';
import { ModuleCache } from '../../module/cache.ts';
import type { Companion } from '../../module/companion.ts';
import { compilePlugin } from '../../module/plugin.ts';
import { CallChain } from './call-chain.ts';
import { InlinePlugin } from './plugin.ts';

/** Compiled modules and calls of one thread. */
export class InlineEngine {
  readonly #modules = new ModuleCache(INLINE_POLICY);
  readonly #chain = new CallChain();
  readonly #abis: Partial<Record<AbiName, Abi>> = { extism: extismAbi() };
  readonly #companionOf = (shape: ModuleShape): Companion | undefined => this.#abiOf(shape).companion;

  /** @throws PlugbayError as {@link compilePlugin}; `unsupported` (ABI). */
  compile(source: PluginSource, { limits, metered }: Environment): Promise<CompiledPlugin> {
    return compilePlugin(source, this.#modules, {
      memoryPages: limits.memoryPages,
      companionOf: this.#companionOf,
      metered,
    });
  }

  /** Starts a plugin. @throws PlugbayError as {@link Abi.link} and the constructor of {@link InlinePlugin}. */
  start(
    source: PluginSource,
    compiled: CompiledPlugin,
    environment: Environment,
    pool: PoolSettings,
    closing: AbortController,
  ): InlinePlugin {
    const abi = this.#abiOf(compiled.main.shape);
    const linked = abi.link(compiled, environment);
    const info = describe(source, abi.name, linked.names);
    return new InlinePlugin(info, linked, environment, pool, closing, this.#chain);
  }

  #abiOf(shape: ModuleShape): Abi {
    const name = detectAbi(shape);
    const abi = name === undefined ? undefined : this.#abis[name];
    if (abi === undefined) throw unsupportedAbi(name, shape);
    return abi;
  }
}

function describe({ name, digest, bytes }: PluginSource, abi: AbiName, exports: readonly string[]): PluginInfo {
  let known = digest;
  return Object.freeze({
    name,
    kind: 'wasm',
    abi,
    get digest() {
      known ??= contentAddress(bytes);
      return known;
    },
    exports,
  });
}
