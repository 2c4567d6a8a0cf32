// Opens guests' plugins, with what the client's options let them use.
import { type Grant, grantsFor } from '@plugbay/callbacks';
import { isPlugbayError, type Plugin, type PluginSource } from '@plugbay/core';
import { createHost } from '@plugbay/host';
import { HTTP_CALL } from '@plugbay/io/http-call';
import { createInlineRuntime } from '@plugbay/wasm';
import { memoryLimits } from './memory.ts';
import type { ResolvedOptions } from './options.ts';
import { PluginHttp } from './plugin-http.ts';
import { PluginThreads } from './plugin-threads.ts';

/** Opens the plugins of one client. */
export interface Opener {
  /** Opens a guest's plugin. @throws PlugbayError as a host's `open` does. */
  open(source: PluginSource, guestKey: string): Promise<Plugin>;
  /** Closes what plugins share once nothing uses it; plugins that are opened later have it again. */
  close(): Promise<void>;
}

/** Holds nothing that has to be closed before it has opened a plugin. @throws PlugbayError `invalid` (`allowedHosts`). */
export function createOpener(options: ResolvedOptions): Opener {
  const { functions = {}, wasi, metered, pool, clock, logger, config, limits, memory } = options;
  const http = new PluginHttp({
    allowedHosts: options.allowedHosts,
    maxResponseBytes: memory.maxHttpResponseBytes,
  });
  const threads = options.engine === 'worker' ? new PluginThreads() : undefined;
  const runtime = threads ?? createInlineRuntime();
  const callbacks = [http.callback];
  const host = createHost({ runtime, functions, callbacks, wasi, metered, pool, clock, logger });
  const grants: readonly Grant[] = [...grantsFor(functions), { capability: HTTP_CALL.namespace }];
  return {
    async open(source, tenant) {
      const own = { ...limitsOf(source), ...limits };
      return host.open(source, { tenant, config, grants, limits: own });
    },
    async close() {
      await Promise.all([http.close(), threads?.close()]);
    },
  };

  function limitsOf({ name, bytes }: PluginSource): ReturnType<typeof memoryLimits> {
    try {
      return memoryLimits(memory, bytes);
    } catch (error) {
      throw isPlugbayError(error) ? error.with({ plugin: name, phase: 'open' }) : error;
    }
  }
}
