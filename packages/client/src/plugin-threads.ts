// Threads for the plugins of one client: they end with it, and begin anew when it is used again.
import type { OpenOptions, PluginSource, Runtime } from '@plugbay/core';
import { createWorkerRuntime, type ThreadedPlugin, type WorkerRuntime } from '@plugbay/wasm';

/** A runtime, and the plugins that are open on it or opening. */
interface Threads {
  readonly runtime: WorkerRuntime;
  readonly plugins: Set<symbol>;
  retired: boolean;
}

/** Opens plugins on threads, which start with the first plugin. */
export class PluginThreads implements Runtime {
  #threads: Threads | undefined;

  /** @throws PlugbayError as that of a worker runtime. */
  async open(source: PluginSource, options: OpenOptions): Promise<ThreadedPlugin> {
    this.#threads ??= { runtime: createWorkerRuntime(), plugins: new Set(), retired: false };
    const threads = this.#threads;
    const plugin = Symbol(source.name);
    threads.plugins.add(plugin);
    const onClose = (): void => {
      options.onClose?.();
      void leave(threads, plugin);
    };
    try {
      return await threads.runtime.open(source, { ...options, onClose });
    } catch (error) {
      await leave(threads, plugin);
      throw error;
    }
  }

  /** Ends the threads once the plugins on them are closed. A plugin that is opened later starts new ones. */
  async close(): Promise<void> {
    const threads = this.#threads;
    if (threads === undefined) return;
    this.#threads = undefined;
    threads.retired = true;
    await endWhenUnused(threads);
  }
}

async function leave(threads: Threads, plugin: symbol): Promise<void> {
  threads.plugins.delete(plugin);
  await endWhenUnused(threads);
}

// It rejects only if closing a plugin does, and none is left.
async function endWhenUnused({ runtime, plugins, retired }: Threads): Promise<void> {
  if (retired && plugins.size === 0) await runtime.close();
}
