// The inline engine: runs plugins on this thread. Fast, and for trusted plugins: nothing can stop a running call.
import {
  type AbiName,
  type Clock,
  type OpenOptions,
  type PluginSource,
  type Runtime,
  resolveLimits,
  silentLogger,
  systemClock,
  xidSource,
} from '@plugbay/core';
import type { Abi } from '../../abi/abi.ts';
import { detectAbi, unsupportedAbi } from '../../abi/detect.ts';
import type { Environment } from '../../abi/environment.ts';
import { extismAbi } from '../../abi/extism/extism.ts';
import { internalError } from '../../abi/trap.ts';
import type { ModuleShape } from '../../binary/module-shape.ts';
import { INLINE_POLICY } from '../../binary/policy.ts';
import { ModuleCache } from '../../module/cache.ts';
import { InlinePlugin } from './plugin.ts';

const ONCE = { once: true };

/** With what an inline runtime is made. */
export interface InlineRuntimeOptions {
  /** For plugins that are opened without a clock of their own. @default the machine's own time */
  readonly clock?: Clock | undefined;
}

/**
 * A runtime that runs wasm plugins on this thread. It compiles each module once; plugins share nothing else.
 *
 * `open` throws PlugbayError `invalid` (no module, imports nobody provides, limits that are none), `limit` (guard, memory),
 * `unsupported` (ABI, WASI, asynchronous host calls), `denied`, `integrity`, `trap` (it crashed while starting) or
 * `unavailable` (no memory for another instance).
 */
export function createInlineRuntime(options: InlineRuntimeOptions = {}): Runtime {
  const clock = options.clock ?? systemClock;
  const modules = new ModuleCache(INLINE_POLICY);
  const abis: Partial<Record<AbiName, Abi>> = { extism: extismAbi() };
  const abiOf = (shape: ModuleShape): Abi => {
    const name = detectAbi(shape);
    const abi = name === undefined ? undefined : abis[name];
    if (abi === undefined) throw unsupportedAbi(name, shape);
    return abi;
  };
  return {
    open: async (source, opening) => {
      try {
        const closing = new AbortController();
        if (opening.onClose !== undefined) closing.signal.addEventListener('abort', opening.onClose, ONCE);
        const environment = surround(source, opening, clock, closing.signal);
        const compiled = await modules.get(source.digest, source.bytes, environment.limits.memoryPages);
        const abi = abiOf(compiled.shape);
        const linked = abi.link(compiled, environment);
        const { name, digest } = source;
        const info = Object.freeze({ name, kind: 'wasm', abi: abi.name, digest, exports: linked.names });
        return new InlinePlugin(info, linked, environment, closing);
      } catch (error) {
        throw internalError(error).with({ plugin: source.name, tenant: opening.tenant, phase: 'open' });
      }
    },
  };
}

function surround(
  source: PluginSource,
  opening: OpenOptions,
  clock: Clock,
  closing: AbortSignal,
): Environment {
  const ownClock = opening.clock ?? clock;
  // Made when the first call needs an id; most plugins never do, and randomness takes longer than the rest of this.
  let ids: (() => string) | undefined;
  return {
    plugin: source.name,
    tenant: opening.tenant,
    limits: resolveLimits(opening.limits),
    config: opening.config ?? {},
    door: opening.door,
    functions: opening.functions ?? {},
    logger: opening.logger ?? silentLogger,
    clock: ownClock,
    newInvocationId: () => {
      ids ??= xidSource(ownClock);
      return ids();
    },
    closing,
  };
}
