// The instances of a plugin on this thread, and what a failed start of one rejects with.
import type { Instance, LinkedModule } from '../../abi/abi.ts';
import type { Environment } from '../../abi/environment.ts';
import type { SdkInstance } from '../../abi/extism/sdk/instance.ts';
import type { SdkModule } from '../../abi/extism/sdk/module.ts';
import { RunningCall } from '../../abi/running-call.ts';
import type { Starting } from '../../abi/starting.ts';
import { startError } from './errors.ts';
import { startFrame } from './frame.ts';
import type { Session } from './session.ts';

/** A plugin's modules, of which it has one instance at a time. */
export class Guest implements LinkedModule {
  readonly names: readonly string[];
  readonly asynchronous: readonly string[];
  readonly #module: SdkModule;
  readonly #environment: Environment;
  readonly #session: Session;
  readonly #timeoutMs: number | undefined;
  #latest: SdkInstance | undefined;

  /** `timeoutMs`: milliseconds that a start may take. */
  constructor(module: SdkModule, environment: Environment, session: Session, timeoutMs: number | undefined) {
    this.#module = module;
    this.#environment = environment;
    this.#session = session;
    this.#timeoutMs = timeoutMs;
    this.names = module.names;
    this.asynchronous = module.asynchronous;
  }

  /** The instance that was made last; undefined before there is one. */
  get latest(): SdkInstance | undefined {
    return this.#latest;
  }

  has(name: string): boolean {
    return this.#module.has(name);
  }

  refusal(name: string): ReturnType<LinkedModule['refusal']> {
    return this.#module.refusal(name);
  }

  /** @throws what a start of the plugin rejects with; see {@link startError}. */
  *start(): Starting<Instance> {
    const frame = startFrame();
    const call = new RunningCall(this.#environment, { context: frame, timeoutMs: this.#timeoutMs });
    try {
      this.#latest = yield* this.#module.start(call);
    } catch (error) {
      throw startError(error, frame);
    } finally {
      call.end();
      this.#session.leave(frame);
    }
    return this.#latest;
  }
}
