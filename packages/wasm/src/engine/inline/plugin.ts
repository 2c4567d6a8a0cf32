// A plugin of the inline engine: its instances run on this thread, and are thrown away when they are spent.
import {
  type AbiName,
  type CallOptions,
  listing,
  type ModuleSource,
  PlugbayError,
  type Plugin,
  type PluginFunction,
  type PluginInfo,
  type PluginOutput,
  type PluginStats,
  type PoolSettings,
  pluginOutput,
} from '@plugbay/core';
import type { Instance, LinkedModule } from '../../abi/abi.ts';
import { closedError } from '../../abi/closing.ts';
import type { Environment } from '../../abi/environment.ts';
import { RunningCall } from '../../abi/running-call.ts';
import { startNow } from '../../abi/starting.ts';
import { SuspendableCall } from '../../abi/suspendable-call.ts';
import { internalError } from '../../abi/trap.ts';
import { requireInput, requireOptions } from '../call-arguments.ts';
import type { CallChain } from '../call-chain.ts';
import { moduleInfo } from '../module-info.ts';
import { InstancePool, type Lease, type Maker } from '../pool.ts';
import { reentered } from '../reentered.ts';
import { RunningCalls, START_OPTIONS } from '../running-calls.ts';

const NO_OPTIONS: CallOptions = Object.freeze({});

type Input = Uint8Array | string | undefined;

/** A plugin that runs on this thread. */
export class InlinePlugin implements Plugin, Maker<Instance> {
  readonly #source: ModuleSource;
  readonly #abi: AbiName;
  #info: PluginInfo | undefined;
  readonly #linked: LinkedModule;
  readonly #environment: Environment;
  readonly #chain: CallChain;
  readonly #pool: InstancePool<Instance>;
  // Calls whose guests may be suspended.
  readonly #running = new RunningCalls();
  #closed = false;

  /** Makes the first instance, so that a module that cannot start shows here. @throws as {@link LinkedModule.start}. */
  constructor(
    source: ModuleSource,
    abi: AbiName,
    linked: LinkedModule,
    environment: Environment,
    pool: PoolSettings,
    chain: CallChain,
  ) {
    this.#source = source;
    this.#abi = abi;
    this.#linked = linked;
    this.#environment = environment;
    this.#chain = chain;
    this.#pool = new InstancePool(pool, environment.clock, this);
    this.#pool.fill();
  }

  get info(): PluginInfo {
    this.#info ??= moduleInfo(this.#source, this.#abi, this.#linked.names);
    return this.#info;
  }

  has(name: string): boolean | undefined {
    return this.#linked.has(name);
  }

  fn(name: string): PluginFunction {
    if (this.#linked.has(name) === false) throw this.#error(this.#linked.refusal(name), false);
    return {
      name,
      call: (input, options) => this.#call(name, input, options),
      callSync: (input, options) => this.#callSync(name, input, options),
    };
  }

  stats(): PluginStats {
    return this.#pool.stats;
  }

  call(name: string, input?: Input, options?: CallOptions): Promise<PluginOutput> {
    const refusal = this.#refusal(name);
    return refusal === undefined ? this.#call(name, input, options) : Promise.reject(refusal);
  }

  callSync(name: string, input?: Input, options?: CallOptions): PluginOutput {
    const refusal = this.#refusal(name);
    if (refusal !== undefined) throw refusal;
    return this.#callSync(name, input, options);
  }

  #call(name: string, input: Input, options: CallOptions = NO_OPTIONS): Promise<PluginOutput> {
    return this.#linked.asynchronous.length === 0
      ? this.#callNow(name, input, options)
      : this.#callAsync(name, input, options);
  }

  #callSync(name: string, input: Input, options: CallOptions = NO_OPTIONS): PluginOutput {
    let call: RunningCall | undefined;
    let lease: Lease<Instance> | undefined;
    let bytes: Uint8Array;
    try {
      this.#require(input, options);
      if (this.#linked.asynchronous.length > 0) throw answersLater(this.#linked.asynchronous);
      call = new RunningCall(this.#environment, options);
      call.checkWanted();
      lease = this.#pool.take();
      // Nobody else runs on this thread meanwhile: whoever finds it busy is called by it.
      if (lease === undefined) throw reentered();
      bytes = lease.instance.invoke(name, input, call);
      lease.over = true;
    } catch (error) {
      if (lease !== undefined) lease.over = true;
      throw this.#error(error, this.#release(call, lease));
    }
    return pluginOutput(bytes, this.#release(call, lease), call.fuel);
  }

  // What callSync throws, as a rejection.
  async #callNow(name: string, input: Input, options: CallOptions): Promise<PluginOutput> {
    return this.#callSync(name, input, options);
  }

  #callAsync(name: string, input: Input, options: CallOptions): Promise<PluginOutput> {
    let call: SuspendableCall | undefined;
    try {
      this.#require(input, options);
      call = new SuspendableCall(this.#environment, options);
      call.checkWanted();
      call.watch();
      const lease = this.#pool.take();
      if (lease !== undefined) return this.#serve(name, input, call, lease);
      if (this.#chain.includes(this)) throw reentered();
      return this.#serveLater(name, input, call);
    } catch (error) {
      call?.end();
      return Promise.reject(this.#error(error, false));
    }
  }

  async #serveLater(name: string, input: Input, call: SuspendableCall): Promise<PluginOutput> {
    let lease: Lease<Instance> | undefined;
    try {
      lease = await this.#turn(call);
      // Its turn may have come in the very moment in which it was closed, or ended.
      if (this.#closed) throw call.failed(closedError());
      call.checkWanted();
    } catch (error) {
      throw this.#error(call.failure ?? error, this.#release(call, lease));
    }
    return this.#serve(name, input, call, lease);
  }

  // A promise of our own, because the guest's is forgotten when the call ends early.
  #serve(name: string, input: Input, call: SuspendableCall, lease: Lease<Instance>): Promise<PluginOutput> {
    const { instance } = lease;
    this.#running.begin(call);
    return new Promise((resolve, reject) => {
      const settle = (bytes: Uint8Array | undefined, error?: unknown): void => {
        if (call.ended) return;
        lease.over = true;
        const stateLost = this.#release(call, lease);
        if (bytes === undefined) reject(this.#error(call.failure ?? error, stateLost));
        else resolve(pluginOutput(bytes, stateLost, call.fuel));
        this.#running.end(call);
      };
      const fail = (error: unknown): void => settle(undefined, error);
      call.onEarly = (error) => {
        instance.abandon();
        fail(error);
      };
      try {
        this.#chain.run(this, call, () => instance.invokeAsync(name, input, call)).then(settle, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  async close({ drainMs = 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#closed = true;
    try {
      this.#environment.closing.close();
    } catch (thrown) {
      const { plugin, tenant } = this.#environment;
      throw internalError(thrown).with({ plugin, tenant, phase: 'release' });
    } finally {
      this.#pool.close(closedError);
      await this.#running.drained(drainMs, this.#environment.clock);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A new instance, for the pool. */
  make(): Instance {
    const call = new RunningCall(this.#environment, START_OPTIONS);
    try {
      return startNow(this.#linked.start(call));
    } finally {
      call.end();
    }
  }

  // A closed plugin says so, whatever it is called by.
  #refusal(name: string): PlugbayError | undefined {
    if (this.#closed || this.#linked.has(name) !== false) return undefined;
    return this.#error(this.#linked.refusal(name), false);
  }

  #require(input: unknown, options: CallOptions): void {
    if (this.#closed) throw new PlugbayError('unavailable', 'the plugin is closed');
    requireInput(input);
    if (options === NO_OPTIONS) return;
    requireOptions(options);
    if (options.timeoutMs !== undefined && !this.#environment.metered) throw cannotStop();
  }

  // Ends a call; true when the instance went with it, whose memory the next call will miss.
  #release(call: RunningCall | undefined, lease: Lease<Instance> | undefined): boolean {
    call?.end();
    return lease !== undefined && this.#pool.release(lease);
  }

  // Given up when the call ends before its turn comes.
  #turn(call: SuspendableCall): Promise<Lease<Instance>> {
    const turn = this.#pool.wait(call.fairness);
    call.onEarly = (error) => turn.leave(error);
    return turn.value;
  }

  #error(error: unknown, stateLost: boolean): PlugbayError {
    const { plugin, tenant } = this.#environment;
    return internalError(error).with({ plugin, tenant, phase: 'call', stateLost });
  }
}

function answersLater(names: readonly string[]): PlugbayError {
  return new PlugbayError(
    'unsupported',
    `the plugin imports what is answered asynchronously: ${listing(names)}`,
    {
      hint: 'Use call instead of callSync.',
    },
  );
}

function cannotStop(): PlugbayError {
  return new PlugbayError(
    'unsupported',
    'the inline engine cannot stop a running call, so it takes no timeoutMs',
    { hint: 'Open the plugin with "metered", or leave timeoutMs out for one that you trust to return.' },
  );
}
