// Plugins in workers: on threads that all of them share, while their host functions run on this one.
import { type CallOptions, PlugbayError, type PluginOutput, systemClock } from '@plugbay/core';
import type { CompiledPlugin } from '../../abi/abi.ts';
import { detectAbi } from '../../abi/detect.ts';
import { extismAbi } from '../../abi/extism/extism.ts';
import { Allowance, type SdkLimits } from '../../abi/extism/sdk/allowance.ts';
import { guardModule } from '../../binary/guard.ts';
import { WorkerEngine } from '../../engine/worker/engine.ts';
import { WorkerPlugin } from '../../engine/worker/plugin.ts';
import { threadSettings } from '../../engine/worker/runtime.ts';
import { SharedVariables } from '../../engine/worker/variables.ts';
import { COMPILED_HERE_BYTES, type Compile, compileModule } from '../../module/compile.ts';
import { CompileThread } from '../../module/compile-thread.ts';
import { Compiler, identityOf } from './compiler.ts';
import { environmentOf } from './environment.ts';
import { startError } from './errors.ts';
import { startFrame } from './frame.ts';
import { checkImports } from './imports.ts';
import { type Opened, POOL } from './opened.ts';
import { Session } from './session.ts';
import type { Settings } from './settings.ts';
import type { Modules } from './sources.ts';

/** Opens plugins in workers. Its threads start when they are needed; they keep no process alive. */
export class WorkerPlugins {
  readonly #abi = extismAbi(true);
  readonly #compiler = new Compiler(this.#abi, compileApart());
  readonly #engine = new WorkerEngine(threadSettings(), systemClock);

  /**
   * Makes the first instance, so that a plugin that cannot start shows here.
   * @throws PlugbayError as {@link Compiler.compile} and {@link checkImports}, and what {@link startError} makes of a start.
   */
  async open(modules: Modules, settings: Settings): Promise<Opened> {
    const { log, maxPages, maxVarBytes, timeoutMs } = settings;
    const compiled = await this.#compiler.compile(modules, maxPages, { watched: true });
    checkImports(compiled, { functions: settings.functions, useWasi: settings.wasi !== undefined });
    const sdk: SdkLimits = { maxPages, maxVarBytes };
    const allowance = new Allowance(sdk, (text) => log.complain(text));
    const variables = new SharedVariables(allowance.variables);
    const session = new Session(log, allowance, variables);
    const environment = environmentOf(compiled, settings, session, variables, false);
    const linked = this.#abi.link(compiled, environment);
    const source = identityOf(modules.main);
    const parts = { source, abi: 'extism', compiled, linked, environment, pool: POOL } as const;
    const plugin = new WorkerPlugin({ ...parts, engine: this.#engine, sdk });
    const frame = startFrame();
    try {
      await plugin.start({ context: frame, timeoutMs });
    } catch (error) {
      await environment.door.close();
      throw startError(error, frame);
    } finally {
      session.leave(frame);
    }
    return new OpenedInWorker(compiled, session, plugin, () => environment.door.close());
  }
}

class OpenedInWorker implements Opened {
  readonly compiled: CompiledPlugin;
  readonly session: Session;
  readonly #plugin: WorkerPlugin;
  readonly #closeDoor: () => Promise<void>;

  constructor(
    compiled: CompiledPlugin,
    session: Session,
    plugin: WorkerPlugin,
    closeDoor: () => Promise<void>,
  ) {
    this.compiled = compiled;
    this.session = session;
    this.#plugin = plugin;
    this.#closeDoor = closeDoor;
  }

  call(name: string, input: Uint8Array | string | undefined, options: CallOptions): Promise<PluginOutput> {
    return this.#plugin.call(name, input, options);
  }

  exports(): never {
    throw new PlugbayError('unsupported', 'the instance of a plugin in a worker is on another thread', {
      hint: 'Create the plugin without runInWorker to look at its instance.',
    });
  }

  async close(): Promise<void> {
    await this.#plugin.close();
    await this.#closeDoor();
  }
}

// Large modules on a thread of their own, which knows calling conventions by their marks alone.
function compileApart(): Compile {
  const thread = new CompileThread({ sharedExchange: true });
  return async (bytes, policy, recipe) => {
    const apart = bytes.length > COMPILED_HERE_BYTES && detectAbi(guardModule(bytes, policy)) === 'extism';
    return apart ? thread.compile(bytes, policy, recipe) : compileModule(bytes, policy, recipe);
  };
}
