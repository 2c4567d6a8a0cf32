// The directory loader: the plugins of a directory as a registry, which is replaced as a whole when the directory changes.
import { resolve } from 'node:path';
import { completeLogger, type Logger, messageOf, PlugbayError } from '@plugbay/core';
import { type PluginFile, readPluginFiles } from './directory.ts';
import type { WasmRuntimeOptions } from './options.ts';
import type { CloseOptions } from './plugin.ts';
import { Registry } from './registry.ts';
import { loadError } from './step-error.ts';
import { WasmRuntime } from './wasm-runtime.ts';

/** What was loaded from one directory. */
interface Loaded {
  /** The names and the content addresses of its plugins: the same text for the same content. */
  readonly content: string;
  readonly registry: Registry;
}

/**
 * Loads directories of plugins, each into a registry of its own. Plugins are loaded under the names of their files, and are granted
 * capabilities by them.
 */
export class Loader implements AsyncDisposable {
  readonly #runtime: WasmRuntime;
  readonly #logger: Logger;
  // By absolute path; the empty one has none.
  readonly #loaded = new Map<string, Loaded>();
  // Replaced registries with calls that still run.
  readonly #retiring = new Set<Promise<void>>();
  #current: Registry | undefined;
  // Until the last load that was asked for is done.
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** With what the plugins are loaded. @throws as the constructor of {@link WasmRuntime}. */
  constructor(options: WasmRuntimeOptions = {}) {
    this.#runtime = new WasmRuntime(options);
    this.#logger = completeLogger(options.logger);
  }

  /**
   * The plugins of a directory: its files whose names end in `.wasm`, in any letter case, but not those of directories below it;
   * symbolic links are followed. As long as names and contents are what they were, it is the same registry. When they are not, a new
   * one replaces it, but only once all of it is loaded; its plugins are yet to be initialised. Calls that run on the old one finish
   * before it is closed, and new ones are refused. When loading fails, the old one stays in service. `''` stands for no directory, and
   * gives a registry without plugins. Loads run one after the other; directories do not replace each other.
   * @throws MissingCapabilityError, or PlugbayError `not_found` (no directory), `invalid`, `conflict` (two plugins of one name or
   * protocol), `limit`, `unavailable` (closed, a disk that fails), or as {@link WasmRuntime.loadPlugin}. Messages name the path.
   */
  loadDir(directory: string): Promise<Registry> {
    // As it is now, whatever the working directory is when its turn comes.
    const path = directory === '' ? '' : resolve(directory);
    const load = this.#last.then(() => this.#load(path));
    this.#last = load.catch(() => undefined);
    return load;
  }

  /** The registry that was loaded last; undefined before the first, and when it is closed. */
  current(): Registry | undefined {
    return this.#current;
  }

  /** Closes every registry, once what is loading is loaded. May be called again. @throws what closing a plugin throws first. */
  async close(options: CloseOptions = {}): Promise<void> {
    this.#closed = true;
    await this.#last;
    const registries = [...this.#loaded.values()].map(({ registry }) => registry.close(options));
    this.#loaded.clear();
    this.#current = undefined;
    const closed = await Promise.allSettled(registries);
    // Those that retire as well.
    await this.#runtime.close(options);
    await Promise.all(this.#retiring);
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(path: string): Promise<Registry> {
    this.#requireOpen();
    const files = path === '' ? [] : await readPluginFiles(path);
    const content = JSON.stringify(files.map(({ name, digest }) => [name, digest]));
    const old = this.#loaded.get(path);
    if (old !== undefined && old.content === content && !old.registry.closed) {
      this.#current = old.registry;
      return old.registry;
    }
    const registry = await this.#open(files);
    this.#loaded.set(path, { content, registry });
    this.#current = registry;
    if (old !== undefined) this.#retire(path, old.registry);
    return registry;
  }

  async #open(files: readonly PluginFile[]): Promise<Registry> {
    const registry = new Registry();
    for (const file of files) {
      try {
        await this.#add(registry, file);
      } catch (error) {
        await registry.close().catch((failed: unknown) => this.#log(file.path, failed));
        throw loadError(file.path, error);
      }
    }
    return registry;
  }

  async #add(registry: Registry, { name, bytes, digest }: PluginFile): Promise<void> {
    const plugin = await this.#runtime.loadPlugin(name, bytes, { digest });
    try {
      registry.register(plugin);
    } catch (error) {
      await plugin.close();
      throw error;
    }
  }

  // In the background: whoever loads does not wait for calls that run on what was there before.
  #retire(path: string, registry: Registry): void {
    const retiring = registry
      .close({ drainMs: Number.POSITIVE_INFINITY })
      .catch((error: unknown) => this.#log(path, error))
      .finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  #log(path: string, error: unknown): void {
    this.#logger.error({ path }, `closing the plugins that were replaced failed: ${messageOf(error)}`);
  }

  #requireOpen(): void {
    if (this.#closed) throw new PlugbayError('unavailable', 'the loader is closed');
  }
}
