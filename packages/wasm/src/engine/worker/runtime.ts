// A runtime on the worker engine: for plugins that nobody has to trust.
import { availableParallelism } from 'node:os';
import {
  type Clock,
  type OpenOptions,
  PlugbayError,
  type Plugin,
  type PluginFunction,
  type PluginSource,
  type PluginStats,
  type Runtime,
  resolvePool,
  systemClock,
} from '@plugbay/core';
import { Abis } from '../../abi/abis.ts';
import { internalError } from '../../abi/trap.ts';
import { Variables } from '../../abi/variables.ts';
import { WORKER_POLICY } from '../../binary/policy.ts';
import { ModuleCache } from '../../module/cache.ts';
import { COMPILED_HERE_BYTES, compileModule } from '../../module/compile.ts';
import { CompileThread } from '../../module/compile-thread.ts';
import { compilePlugin } from '../../module/plugin.ts';
import { identityOf } from '../identity.ts';
import { surround } from '../surround.ts';
import { type ThreadSettings, WorkerEngine } from './engine.ts';
import { WorkerPlugin } from './plugin.ts';
import { requirePortable } from './setup.ts';
import { SharedVariables } from './variables.ts';
import { keepGenericWrappers } from './wrappers.ts';

/** With what a worker runtime is made. */
export interface WorkerRuntimeOptions {
  /** Threads that plugins are spread over. @default as many as there are processors but one, which is the host's; at least one */
  readonly threads?: number | undefined;
  /** Threads at most, when all are held by guests that do not let go of them. @default four times `threads`, 32 at most */
  readonly maxThreads?: number | undefined;
  /** For plugins that are opened without a clock of their own. What guests read is the machine's own time. @default that time */
  readonly clock?: Clock | undefined;
}

/** A plugin that runs on a thread of a pool. */
export interface ThreadedPlugin extends Plugin {
  fn(name: string): PluginFunction;
  stats(): PluginStats;
}

/** A {@link Runtime} whose plugins run on threads. */
export interface WorkerRuntime extends Runtime, AsyncDisposable {
  open(source: PluginSource, options: OpenOptions): Promise<ThreadedPlugin>;
  /** Ends its threads, and the calls of plugins that are still open. */
  close(): Promise<void>;
}

// 32: what is waited for does not become faster by more threads; each costs some 10 MB.
const MAX_THREADS = 32;
const GROWTH = 4;

/**
 * A runtime that runs wasm plugins on a pool of threads, which start when they are needed. A running call can be stopped there: by
 * its `timeoutMs`, by its deadline, by its signal and by the limit `callMs`.
 *
 * `open` throws PlugbayError as that of the inline runtime, and `unsupported` also for a WASI clock of the app's own.
 * @throws PlugbayError `invalid` for options out of range.
 */
export function createWorkerRuntime(options: WorkerRuntimeOptions = {}): WorkerRuntime {
  return runtimeOn(new WorkerEngine(threadSettings(options), options.clock ?? systemClock));
}

/** How many threads an engine has, when no more is said than `options` do. @throws PlugbayError `invalid` for options out of range. */
export function threadSettings(options: WorkerRuntimeOptions = {}): ThreadSettings {
  const threads = options.threads ?? Math.max(1, availableParallelism() - 1);
  const maxThreads = options.maxThreads ?? Math.max(threads, Math.min(MAX_THREADS, GROWTH * threads));
  requireThreads('threads', threads, 1);
  requireThreads('maxThreads', maxThreads, threads);
  return { threads, maxThreads };
}

/** As {@link createWorkerRuntime}, on an engine whose threads can be looked at. */
export function runtimeOn(engine: WorkerEngine): WorkerRuntime {
  keepGenericWrappers();
  const { clock } = engine;
  const compiler = new CompileThread({ sharedExchange: true });
  const modules = new ModuleCache(WORKER_POLICY, undefined, (bytes, policy, recipe) =>
    bytes.length <= COMPILED_HERE_BYTES
      ? compileModule(bytes, policy, recipe)
      : compiler.compile(bytes, policy, recipe),
  );
  const abis = new Abis(true);
  const plugins = new Set<WorkerPlugin>();

  const open = async (source: PluginSource, opening: OpenOptions): Promise<ThreadedPlugin> => {
    const { tenant } = opening;
    try {
      const surroundings = surround(source, opening, clock);
      requirePortable(surroundings.wasi);
      const pool = resolvePool(opening.pool);
      const { limits, metered, keepNames } = surroundings;
      const compiled = await compilePlugin(source, modules, {
        memoryPages: limits.memoryPages,
        companionOf: (shape) => abis.of(shape).companion,
        metered,
        watched: !metered,
        keepNames,
      });
      const variables = new SharedVariables(new Variables(limits.variableBytes));
      const environment = Object.assign(surroundings, { variables });
      const abi = abis.of(compiled.main.shape);
      const linked = abi.link(compiled, environment);
      const identity = identityOf(source);
      const plugin: WorkerPlugin = new WorkerPlugin({
        source: identity,
        abi: abi.name,
        compiled,
        linked,
        environment,
        pool,
        engine,
        onLeft: () => plugins.delete(plugin),
      });
      await plugin.start();
      plugins.add(plugin);
      return plugin;
    } catch (error) {
      throw internalError(error).with({ plugin: source.name, tenant, phase: 'open' });
    }
  };

  const close = async (): Promise<void> => {
    await Promise.all([...plugins].map((plugin) => plugin.close()));
    engine.close();
    compiler.close();
  };
  return { open, close, [Symbol.asyncDispose]: close };
}

function requireThreads(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new PlugbayError('invalid', `${name} must be a whole number from ${least}, not ${value}`);
}
