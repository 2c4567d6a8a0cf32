// A plugin of the inline engine: one instance at a time, made when it is needed and thrown away when it is spent.
import {
  type CallOptions,
  PlugbayError,
  type Plugin,
  type PluginInfo,
  type PluginOutput,
  pluginOutput,
} from '@plugbay/core';
import type { Instance, LinkedModule } from '../../abi/abi.ts';
import type { Environment } from '../../abi/environment.ts';
import { RunningCall } from '../../abi/running-call.ts';
import { internalError } from '../../abi/trap.ts';

const NO_OPTIONS: CallOptions = Object.freeze({});

/** A plugin that runs on this thread. */
export class InlinePlugin implements Plugin {
  readonly info: PluginInfo;
  readonly #linked: LinkedModule;
  readonly #environment: Environment;
  readonly #closing: AbortController;
  #instance: Instance | undefined;
  #running = false;
  #closed = false;

  /** Makes the first instance, so that a module that cannot start shows here. @throws as {@link LinkedModule.instantiate}. */
  constructor(info: PluginInfo, linked: LinkedModule, environment: Environment, closing: AbortController) {
    this.info = info;
    this.#linked = linked;
    this.#environment = environment;
    this.#closing = closing;
    const call = new RunningCall(environment, NO_OPTIONS);
    try {
      this.#instance = linked.instantiate(call);
    } finally {
      call.end();
    }
  }

  has(name: string): boolean {
    return this.#linked.has(name);
  }

  async call(name: string, input?: Uint8Array | string, options?: CallOptions): Promise<PluginOutput> {
    return this.callSync(name, input, options);
  }

  callSync(name: string, input?: Uint8Array | string, options: CallOptions = NO_OPTIONS): PluginOutput {
    const refusal = this.#refusal(name, options.timeoutMs);
    if (refusal !== undefined) throw this.#error(refusal, false);
    const call = new RunningCall(this.#environment, options);
    this.#running = true;
    try {
      call.checkWanted();
      this.#instance ??= this.#linked.instantiate(call);
      const bytes = this.#instance.invoke(name, input, call);
      return pluginOutput(bytes, this.#release(call));
    } catch (error) {
      throw this.#error(error, this.#release(call));
    } finally {
      this.#running = false;
    }
  }

  // Nothing is ever left to drain: whoever closes the plugin during a call is called by it, on this very thread.
  async close(): Promise<void> {
    this.#closed = true;
    // An error of ours costs a tenth of the one that would be made for us.
    if (!this.#closing.signal.aborted)
      this.#closing.abort(new PlugbayError('canceled', 'the plugin was closed'));
    if (!this.#running) this.#instance = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #refusal(name: string, timeoutMs: number | undefined): PlugbayError | undefined {
    if (this.#closed) return new PlugbayError('unavailable', 'the plugin is closed');
    if (this.#running) {
      return new PlugbayError(
        'conflict',
        'the plugin is running: it cannot be called from its own host functions',
        {
          hint: 'Open the plugin a second time for calls that it causes itself.',
        },
      );
    }
    if (!this.#linked.has(name)) return this.#linked.refusal(name);
    if (timeoutMs !== undefined) {
      return new PlugbayError(
        'unsupported',
        'the inline engine cannot stop a running call, so it takes no timeoutMs',
        {
          hint: 'Leave timeoutMs out for plugins that you trust to return.',
        },
      );
    }
    return undefined;
  }

  // Ends a call; true when the instance went with it, whose memory the next call will miss.
  #release(call: RunningCall): boolean {
    call.end();
    const spent = this.#instance?.spent === true;
    if (spent || this.#closed) this.#instance = undefined;
    return spent;
  }

  #error(error: unknown, stateLost: boolean): PlugbayError {
    const { plugin, tenant } = this.#environment;
    return internalError(error).with({ plugin, tenant, phase: 'call', stateLost });
  }
}
