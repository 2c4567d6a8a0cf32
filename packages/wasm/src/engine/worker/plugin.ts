// A plugin of the worker engine: its instances live on threads, its host functions and callbacks run on this one.
import {
  type AbiName,
  type CallOptions,
  type LogLevel,
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
import type { CompiledPlugin, LinkedModule } from '../../abi/abi.ts';
import { closedError } from '../../abi/closing.ts';
import type { Environment } from '../../abi/environment.ts';
import type { SdkLimits } from '../../abi/extism/sdk/allowance.ts';
import { SuspendableCall } from '../../abi/suspendable-call.ts';
import { internalError } from '../../abi/trap.ts';
import { requireInput, requireOptions } from '../call-arguments.ts';
import { moduleInfo } from '../module-info.ts';
import { InstancePool, type Lease, type Maker } from '../pool.ts';
import { reentered } from '../reentered.ts';
import { RunningCalls, START_OPTIONS } from '../running-calls.ts';
import { attachedExchange } from './attached-exchange.ts';
import type { WorkerEngine } from './engine.ts';
import { HostSide } from './host-side.ts';
import { KIND } from './layout.ts';
import type { PluginSetup } from './messages.ts';
import { RemoteInstance } from './remote-instance.ts';
import { hostFunctionsOf, setupOf } from './setup.ts';
import { Task } from './task.ts';
import type { SharedVariables } from './variables.ts';

const NO_OPTIONS: CallOptions = Object.freeze({});

// What an error says of the work that a task was.
const PHASE = { [KIND.start]: 'open', [KIND.call]: 'call' } as const;

type Input = Uint8Array | string | undefined;

/** With what a plugin starts. */
export interface WorkerPluginParts {
  readonly source: ModuleSource;
  readonly abi: AbiName;
  readonly compiled: CompiledPlugin;
  /** Linked on this thread, so that what is wrong shows when it is opened; no instance is made of it. */
  readonly linked: LinkedModule;
  readonly environment: Environment & { readonly variables: SharedVariables };
  readonly pool: PoolSettings;
  readonly engine: WorkerEngine;
  /** Told when nothing of it is left on any thread. */
  readonly onLeft?: (() => void) | undefined;
  /** For a plugin that is shown as the Extism SDK does, its limits in the SDK's terms. @default it is not */
  readonly sdk?: SdkLimits | undefined;
}

/** A plugin that runs on threads. */
export class WorkerPlugin implements Plugin, Maker<RemoteInstance> {
  readonly id: number;
  /** Whether it ended a thread by not stopping: it gets threads of its own from then on. */
  quarantined = false;
  readonly #parts: WorkerPluginParts;
  readonly #host: HostSide;
  readonly #pool: InstancePool<RemoteInstance>;
  readonly #running = new RunningCalls();
  #info: PluginInfo | undefined;
  #logLevel: string | undefined;
  #closed = false;

  constructor(parts: WorkerPluginParts) {
    const { environment, engine, pool } = parts;
    this.id = engine.newPluginId();
    this.#parts = parts;
    this.#host = new HostSide(environment, hostFunctionsOf(parts.compiled, environment));
    this.#pool = new InstancePool(pool, environment.clock, this);
    this.#logLevel = environment.logger.level;
  }

  get info(): PluginInfo {
    const { source, abi, linked } = this.#parts;
    this.#info ??= moduleInfo(source, abi, linked.names);
    return this.#info;
  }

  get variables(): SharedVariables {
    return this.#parts.environment.variables;
  }

  get limits(): Environment['limits'] {
    return this.#parts.environment.limits;
  }

  get compiled(): CompiledPlugin {
    return this.#parts.compiled;
  }

  /** What a thread has to know of it, beside its modules. */
  setup(): PluginSetup {
    const { compiled, environment, sdk } = this.#parts;
    return setupOf(this.id, compiled, environment, sdk);
  }

  /** Makes the first instance, so that a module that cannot start shows now. @throws what its start fails with. */
  async start(options: CallOptions = START_OPTIONS): Promise<void> {
    const lease = this.#pool.take();
    if (lease === undefined) throw new PlugbayError('internal', 'a new plugin has no instance');
    // The time that a thread takes to come up is none of the plugin's.
    await this.#parts.engine.settle(lease.instance);
    const call = new SuspendableCall(this.#parts.environment, options);
    call.watch();
    try {
      await this.#serve(KIND.start, '', undefined, call, lease);
    } catch (error) {
      this.#closed = true;
      this.#pool.close(closedError);
      this.#parts.engine.left(this);
      throw error;
    }
  }

  /** Whether it takes no more calls. */
  get closed(): boolean {
    return this.#closed;
  }

  has(name: string): boolean | undefined {
    return this.#parts.linked.has(name);
  }

  fn(name: string): PluginFunction {
    const { linked } = this.#parts;
    if (linked.has(name) === false) throw this.#error(linked.refusal(name), false);
    return {
      name,
      call: (input, options) => this.#call(name, input, options),
      callSync: () => {
        throw this.#error(onAnotherThread(), false);
      },
    };
  }

  stats(): PluginStats {
    return this.#pool.stats;
  }

  call(name: string, input?: Input, options?: CallOptions): Promise<PluginOutput> {
    const { linked } = this.#parts;
    if (!this.#closed && linked.has(name) === false)
      return Promise.reject(this.#error(linked.refusal(name), false));
    return this.#call(name, input, options);
  }

  #call(name: string, input: Input, options: CallOptions = NO_OPTIONS): Promise<PluginOutput> {
    const { environment, engine } = this.#parts;
    let call: SuspendableCall | undefined;
    try {
      this.#require(input, options);
      call = new SuspendableCall(environment, options);
      call.checkWanted();
      call.watch();
      const lease = this.#pool.take();
      if (lease !== undefined) return this.#serve(KIND.call, name, input, call, lease);
      if (engine.chain.includes(this)) throw reentered();
      return this.#serveLater(name, input, call);
    } catch (error) {
      call?.end();
      return Promise.reject(this.#error(error, false));
    }
  }

  async #serveLater(name: string, input: Input, call: SuspendableCall): Promise<PluginOutput> {
    let lease: Lease<RemoteInstance> | undefined;
    const done = this.#parts.engine.keepAlive();
    try {
      lease = await this.#turn(call);
      // Its turn may have come in the very moment in which it was closed, or ended.
      if (this.#closed) throw call.failed(closedError());
      call.checkWanted();
    } catch (error) {
      call.end();
      throw this.#error(call.failure ?? error, lease !== undefined && this.#pool.release(lease));
    } finally {
      done();
    }
    return this.#serve(KIND.call, name, input, call, lease);
  }

  #serve(
    kind: Task['kind'],
    name: string,
    input: Input,
    call: SuspendableCall,
    lease: Lease<RemoteInstance>,
  ): Promise<PluginOutput> {
    const { engine } = this.#parts;
    const { instance } = lease;
    const { inputBytes } = this.limits;
    if (input !== undefined && input.length > inputBytes) return this.#tooLarge(input.length, call, lease);
    const done = engine.keepAlive();
    this.#running.begin(call);
    return new Promise((resolve, reject) => {
      const end = (): boolean => {
        done();
        call.end();
        this.#running.end(call);
        const lost = instance.lost;
        instance.lost = false;
        lease.over = true;
        // What could not start had nothing to lose.
        return (this.#pool.release(lease, kind === KIND.call) && !instance.unmade) || lost;
      };
      const task = new Task(instance, call, kind, name, input ?? '', (answer, error) => {
        const lost = end();
        if (answer !== undefined) resolve(pluginOutput(answer.output, lost, answer.fuel));
        else reject(this.#error(call.failure ?? error, kind === KIND.call && lost, PHASE[kind]));
      });
      call.onEarly = (error) => {
        instance.spent = true;
        // First, so that its thread makes no place for an instance that it was told to let go already.
        engine.stop(task, error.code === 'timeout');
        task.fail(error);
      };
      try {
        engine.submit(task);
      } catch (error) {
        task.fail(internalError(error));
      }
    });
  }

  #tooLarge(length: number, call: SuspendableCall, lease: Lease<RemoteInstance>): Promise<PluginOutput> {
    const { inputBytes } = this.limits;
    call.end();
    const error = new PlugbayError('limit', `the input has ${length} bytes; inputBytes is ${inputBytes}`);
    return Promise.reject(this.#error(error, this.#pool.release(lease)));
  }

  /** Answers what a guest asks. */
  answer(task: Task, kind: number, parts: readonly Uint8Array[]): ReturnType<HostSide['answer']> {
    const { chain } = this.#parts.engine;
    return task.asCaller(() => chain.run(this, task.call, () => this.#host.answer(task, kind, parts)));
  }

  /** Takes what an instance and its host functions share. */
  attach(instance: RemoteInstance, memory: WebAssembly.Memory): void {
    instance.exchange = attachedExchange(memory, this.limits);
  }

  /** Writes a guest's line. */
  log(level: LogLevel, facts: object, line: string): void {
    try {
      this.#parts.environment.logger[level](facts, line);
    } catch {
      // The guest went on long ago; a logger that throws changes nothing for it.
    }
  }

  /** Tells its threads when lines are written from another level on. */
  syncLogLevel(): void {
    const level = this.#levelNow();
    if (level === this.#logLevel) return;
    this.#logLevel = level;
    for (const thread of this.#parts.engine.threads) thread.setLogLevel(this, level);
  }

  // The app's own code: one that throws changes nothing.
  #levelNow(): string | undefined {
    try {
      return this.#parts.environment.logger.level;
    } catch {
      return this.#logLevel;
    }
  }

  async close({ drainMs = 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    const { environment, engine } = this.#parts;
    this.#closed = true;
    try {
      environment.closing.close();
    } catch (thrown) {
      const { plugin, tenant } = environment;
      throw internalError(thrown).with({ plugin, tenant, phase: 'release' });
    } finally {
      this.#pool.close(closedError);
      await this.#running.drained(drainMs, environment.clock);
      engine.left(this);
      this.#parts.onLeft?.();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A new instance, for the pool; its first call makes it. */
  make(): RemoteInstance {
    return new RemoteInstance(this);
  }

  #require(input: unknown, options: CallOptions): void {
    if (this.#closed) throw new PlugbayError('unavailable', 'the plugin is closed');
    requireInput(input);
    if (options !== NO_OPTIONS) requireOptions(options);
  }

  // Given up when the call ends before its turn comes.
  #turn(call: SuspendableCall): Promise<Lease<RemoteInstance>> {
    const turn = this.#pool.wait(call.fairness);
    call.onEarly = (error) => turn.leave(error);
    return turn.value;
  }

  #error(error: unknown, stateLost: boolean, phase: 'open' | 'call' = 'call'): PlugbayError {
    const { plugin, tenant } = this.#parts.environment;
    return internalError(error).with({ plugin, tenant, phase, stateLost });
  }
}

function onAnotherThread(): PlugbayError {
  return new PlugbayError(
    'unsupported',
    'the plugin runs on another thread, which nobody can wait for here',
    {
      hint: 'Use call instead of callSync.',
    },
  );
}
