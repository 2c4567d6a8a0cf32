// Plugins on this thread: the inline engine's parts, put together so that what the SDK shows can be shown.
import { type CallOptions, PlugbayError, type PluginOutput } from '@plugbay/core';
import type { CompiledPlugin } from '../../abi/abi.ts';
import { extismAbi } from '../../abi/extism/extism.ts';
import { Allowance } from '../../abi/extism/sdk/allowance.ts';
import { SdkModule } from '../../abi/extism/sdk/module.ts';
import type { LimitedVariables } from '../../abi/extism/sdk/variables.ts';
import { CallChain } from '../../engine/call-chain.ts';
import { InlinePlugin } from '../../engine/inline/plugin.ts';
import { Compiler, hasCompiled, identityOf } from './compiler.ts';
import { environmentOf, type PluginEnvironment } from './environment.ts';
import { Guest } from './guest.ts';
import { checkImports } from './imports.ts';
import { type Opened, POOL } from './opened.ts';
import { Session } from './session.ts';
import type { Settings } from './settings.ts';
import type { Modules } from './sources.ts';

/** Opens plugins of one thread. */
export class InlinePlugins {
  readonly #abi = extismAbi();
  readonly #compiler = new Compiler(this.#abi);
  readonly #chain = new CallChain();

  /**
   * Makes the first instance, so that a plugin that cannot start shows here.
   * @throws PlugbayError `unsupported` (a compiled module with a time limit), as {@link Compiler.compile}, {@link checkImports} and
   * {@link Guest.start}.
   */
  async open(modules: Modules, settings: Settings): Promise<Opened> {
    const { log, maxPages, timeoutMs } = settings;
    const metered = timeoutMs !== undefined;
    if (metered && hasCompiled(modules)) throw cannotStop();
    const compiled = await this.#compiler.compile(modules, maxPages, { metered });
    checkImports(compiled, { functions: settings.functions, useWasi: settings.wasi !== undefined });
    const allowance = new Allowance(settings, (text) => log.complain(text));
    const session = new Session(log, allowance);
    const environment = environmentOf(compiled, settings, session, allowance.variables, metered);
    const module = new SdkModule(this.#abi.link(compiled, environment), allowance);
    const guest = new Guest(module, environment, session, timeoutMs);
    const source = identityOf(modules.main);
    try {
      const plugin = new InlinePlugin(source, 'extism', guest, environment, POOL, this.#chain);
      return new OpenedInline(compiled, session, environment, guest, plugin);
    } catch (error) {
      await environment.door.close();
      throw error;
    }
  }
}

class OpenedInline implements Opened {
  readonly compiled: CompiledPlugin;
  readonly session: Session;
  readonly #door: PluginEnvironment<LimitedVariables>['door'];
  readonly #guest: Guest;
  readonly #plugin: InlinePlugin;

  constructor(
    compiled: CompiledPlugin,
    session: Session,
    { door }: PluginEnvironment<LimitedVariables>,
    guest: Guest,
    plugin: InlinePlugin,
  ) {
    this.compiled = compiled;
    this.session = session;
    this.#door = door;
    this.#guest = guest;
    this.#plugin = plugin;
  }

  call(
    name: string,
    input: Uint8Array | string | undefined,
    options: CallOptions,
  ): PluginOutput | Promise<PluginOutput> {
    return this.#guest.asynchronous.length === 0
      ? this.#plugin.callSync(name, input, options)
      : this.#plugin.call(name, input, options);
  }

  exports(): Readonly<Record<string, unknown>> {
    return this.#guest.latest?.exports ?? {};
  }

  async close(): Promise<void> {
    await this.#plugin.close();
    await this.#door.close();
  }
}

function cannotStop(): PlugbayError {
  return new PlugbayError('unsupported', 'a WebAssembly.Module cannot be stopped, so it takes no timeoutMs', {
    hint: 'Create the plugin from the bytes of the module, or with runInWorker, or leave timeoutMs out.',
  });
}
