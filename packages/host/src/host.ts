// The host: what an app embeds to open plugins. It gives every plugin its identity, its grants and its door.
import { grantsFor, Router } from '@plugbay/callbacks';
import { completeLogger, PlugbayError, type Plugin, systemClock } from '@plugbay/core';
import type { ThreadedPlugin } from '@plugbay/wasm';
import type { HostOptions, PluginOptions, PluginOrigin } from './options.ts';
import { runtimeInUse } from './runtime-in-use.ts';
import { resolveSource } from './source.ts';

/** Opens plugins and owns them: closing the host closes what it opened, and ends the threads that it started. */
export interface Host<P extends Plugin = Plugin> extends AsyncDisposable {
  /**
   * Opens a plugin for a tenant. What is wrong with its bytes shows here, before any call.
   * @throws PlugbayError `invalid`, `integrity` (its digest), `unsupported`, `not_found`, `limit`, `denied`, `trap` (it crashed while
   * starting), `unavailable`.
   */
  open(origin: PluginOrigin, options: PluginOptions): Promise<P>;
  /**
   * Closes every open plugin; running calls have `drainMs` (default 0). A runtime that the app made stays open. May be called again; of
   * several calls, the one whose time is up first decides. @throws PlugbayError `internal` when a plugin cannot be closed.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/**
 * A host with these options, which are checked here or when a plugin is opened. Its plugins are those of its runtime. Without one, the
 * host makes its own: they run on threads, which start with the first of them, never keep the process alive on their own, and end when
 * the host is closed.
 * @throws PlugbayError `conflict` (two callbacks of one name).
 */
export function createHost(options?: HostOptions & { readonly runtime?: undefined }): Host<ThreadedPlugin>;
export function createHost<P extends Plugin>(options: HostOptions<P>): Host<P>;
export function createHost(options: HostOptions = {}): Host {
  const clock = options.clock ?? systemClock;
  const logger = completeLogger(options.logger);
  const { runtime, release } = runtimeInUse(options.runtime);
  const router = new Router();
  for (const callback of options.callbacks ?? []) router.register(callback);
  const functions = options.functions ?? {};
  const plugins = new Set<Plugin>();
  let closed = false;

  const requireOpen = (plugin: string): void => {
    if (closed) throw new PlugbayError('unavailable', 'the host is closed', { plugin, phase: 'open' });
  };

  const open = async (origin: PluginOrigin, own: PluginOptions): Promise<Plugin> => {
    requireTenant(own);
    const source = await resolveSource(origin);
    // Before it is opened, because opening runs the plugin's start function, and again in case the host was closed meanwhile.
    requireOpen(source.name);
    const door = router.door({ tenant: own.tenant, plugin: source.name }, own.grants ?? grantsFor(functions));
    const opening = runtime.open(source, {
      tenant: own.tenant,
      door,
      functions,
      config: own.config,
      limits: { ...options.limits, ...own.limits },
      wasi: (own.wasi ?? options.wasi) || undefined,
      metered: own.metered ?? options.metered,
      keepNames: own.keepNames ?? options.keepNames,
      pool: { ...options.pool, ...own.pool },
      logger,
      clock,
      onClose: () => plugins.delete(plugin),
    });
    const plugin: Plugin = await opening.catch((error: unknown) => {
      // Closing ends the thread that it starts on, which is then why it failed.
      requireOpen(source.name);
      throw error;
    });
    plugins.add(plugin);
    if (closed) await plugin.close();
    requireOpen(source.name);
    return plugin;
  };

  const close: Host['close'] = async (how) => {
    closed = true;
    try {
      await Promise.all([...plugins].map((plugin) => plugin.close(how)));
    } finally {
      await release();
    }
  };

  return { open, close, [Symbol.asyncDispose]: () => close() };
}

// Apps without types get here too, and everything that keeps tenants apart hangs on this one value.
function requireTenant(options: Partial<PluginOptions> | undefined): void {
  if (typeof options?.tenant === 'string' && options.tenant !== '') return;
  throw new PlugbayError('invalid', 'a plugin is opened for a tenant, which is a string that is not empty', {
    phase: 'open',
    hint: 'Pass { tenant } as the second argument: any key of yours, one per customer.',
  });
}
