// A runtime on the inline engine: fast, and for plugins that are trusted to return, unless they are metered.
import {
  type Clock,
  type OpenOptions,
  type Plugin,
  type PluginFunction,
  type PluginSource,
  type PluginStats,
  type Runtime,
  resolvePool,
  systemClock,
} from '@plugbay/core';
import { internalError } from '../../abi/trap.ts';
import { surround } from '../surround.ts';
import { InlineEngine } from './engine.ts';

/** With what an inline runtime is made. */
export interface InlineRuntimeOptions {
  /** For plugins that are opened without a clock of their own. @default the machine's own time */
  readonly clock?: Clock | undefined;
}

/** A plugin that runs on this thread. */
export interface LocalPlugin extends Plugin {
  callSync: NonNullable<Plugin['callSync']>;
  fn(name: string): PluginFunction;
  stats(): PluginStats;
}

/** A {@link Runtime} whose plugins run on this thread. */
export interface InlineRuntime extends Runtime {
  open(source: PluginSource, options: OpenOptions): Promise<LocalPlugin>;
}

/**
 * A runtime that runs wasm plugins on this thread. It compiles each module once; plugins share nothing else.
 *
 * `open` throws PlugbayError `invalid` (no module, imports nobody provides, options that are none), `limit` (guard, memory),
 * `unsupported` (ABI, WASI that is not granted), `denied`, `integrity`, `trap` (it crashed while starting) or `unavailable`
 * (no memory for another instance, a granted directory that is not there).
 */
export function createInlineRuntime(options: InlineRuntimeOptions = {}): InlineRuntime {
  const clock = options.clock ?? systemClock;
  const engine = new InlineEngine();
  return {
    open: async (source, opening) => {
      try {
        const environment = surround(source, opening, clock);
        const pool = resolvePool(opening.pool);
        const compiled = await engine.compile(source, environment);
        return engine.start(source, compiled, environment, pool);
      } catch (error) {
        throw internalError(error).with({ plugin: source.name, tenant: opening.tenant, phase: 'open' });
      }
    },
  };
}
