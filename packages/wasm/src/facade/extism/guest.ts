// The instances of a plugin: the engine's own, with an eye on what the SDK tells its users about a call.
import { isPlugbayError, type PlugbayError } from '@plugbay/core';
import type { Instance, LinkedModule } from '../../abi/abi.ts';
import type { Environment } from '../../abi/environment.ts';
import type { Exchange } from '../../abi/extism/exchange.ts';
import type { ExtismInstance } from '../../abi/extism/instance.ts';
import type { LinkedExtism } from '../../abi/extism/linked.ts';
import { RunningCall } from '../../abi/running-call.ts';
import type { SuspendableCall } from '../../abi/suspendable-call.ts';
import { startError } from './errors.ts';
import { type Frame, newFrame } from './frame.ts';
import type { Session } from './session.ts';

type Input = Uint8Array | string | undefined;

/** A plugin's modules, of which it has one instance at a time. */
export class Guest implements LinkedModule {
  readonly names: readonly string[];
  readonly asynchronous: readonly string[];
  readonly #linked: LinkedExtism;
  readonly #environment: Environment;
  readonly #session: Session;
  readonly #timeoutMs: number | undefined;
  #latest: GuestInstance | undefined;

  /** `timeoutMs`: milliseconds that a start may take. */
  constructor(
    linked: LinkedExtism,
    environment: Environment,
    session: Session,
    timeoutMs: number | undefined,
  ) {
    this.#linked = linked;
    this.#environment = environment;
    this.#session = session;
    this.#timeoutMs = timeoutMs;
    this.names = linked.names;
    this.asynchronous = linked.asynchronous;
  }

  /** The instance that was made last; undefined before there is one. */
  get latest(): GuestInstance | undefined {
    return this.#latest;
  }

  has(name: string): boolean {
    return this.#linked.has(name);
  }

  refusal(name: string): PlugbayError {
    return this.#linked.refusal(name);
  }

  /** @throws what a start of the plugin rejects with; see {@link startError}. */
  instantiate(): Instance {
    const frame = newFrame(undefined);
    const call = new RunningCall(this.#environment, { context: frame, timeoutMs: this.#timeoutMs });
    try {
      this.#latest = new GuestInstance(this.#linked.instantiate(call), this.#session);
    } catch (error) {
      // Nothing else is a plugin's own error while it starts.
      if (isPlugbayError(error) && error.code === 'plugin') frame.reported = error.message;
      throw startError(error, frame);
    } finally {
      call.end();
    }
    return this.#latest;
  }
}

/** One instance. Its exchange memory is never the reason to replace it, because plugins for the SDK keep state in their own. */
export class GuestInstance implements Instance {
  readonly #instance: ExtismInstance;
  readonly #exchange: Exchange;
  readonly #session: Session;

  constructor(instance: ExtismInstance, session: Session) {
    this.#instance = instance;
    this.#exchange = instance.state.exchange;
    this.#session = session;
    instance.retainedBytes = Number.POSITIVE_INFINITY;
    instance.state.keepsHttp = true;
    this.#exchange.keepValues();
    this.#exchange.limitContent(session.maxBytes);
  }

  /** The main module's exports, with those that it got when it was rewritten. */
  get exports(): Readonly<Record<string, unknown>> {
    return this.#instance.exports;
  }

  get spent(): boolean {
    return this.#instance.spent;
  }

  /** Forgets every block. No call may be running. */
  forget(): void {
    this.#exchange.begin(undefined);
  }

  invoke(name: string, input: Input, call: RunningCall): Uint8Array {
    const frame = this.#begin(call);
    try {
      return this.#instance.invoke(name, input, call);
    } catch (error) {
      this.#report(error, frame);
      throw error;
    } finally {
      this.#end(frame);
    }
  }

  invokeAsync(name: string, input: Input, call: SuspendableCall): Promise<Uint8Array> {
    const frame = this.#begin(call);
    const fail = (error: unknown): never => {
      this.#report(error, frame);
      throw error;
    };
    try {
      return this.#instance
        .invokeAsync(name, input, call)
        .catch(fail)
        .finally(() => this.#end(frame));
    } catch (error) {
      this.#end(frame);
      return fail(error);
    }
  }

  abandon(): void {
    this.#instance.abandon();
    this.#session.running = undefined;
  }

  dispose(): void {
    this.#instance.dispose();
  }

  #begin({ context }: RunningCall): Frame {
    const frame = context as Frame;
    this.#session.running = this.#exchange;
    this.#session.contextOf(this.#exchange).serve(frame);
    return frame;
  }

  // Whether a plugin reported an error or returned a code cannot be told by their texts.
  #report(error: unknown, frame: Frame): void {
    if (isPlugbayError(error) && error.code === 'plugin') frame.reported = this.#exchange.error();
  }

  #end(frame: Frame): void {
    const refused = this.#exchange.refusedContent;
    if (refused !== undefined) frame.refused = this.#session.complainOf(refused);
    this.#session.contextOf(this.#exchange).serve(undefined);
    if (this.#session.running === this.#exchange) this.#session.running = undefined;
  }
}
