// A plugin on a thread: its modules linked, its variables, and how its instances are made.
import type { CompiledPlugin, Instance, LinkedModule } from '../../../abi/abi.ts';
import type { Abis } from '../../../abi/abis.ts';
import { SdkModule } from '../../../abi/extism/sdk/module.ts';
import { startLater } from '../../../abi/starting.ts';
import type { PluginSetup } from '../messages.ts';
import type { Unheard } from '../variables.ts';
import type { HostLine } from './host-line.ts';
import type { ThreadCall } from './thread-call.ts';
import { ThreadEnvironment } from './thread-environment.ts';
import type { ThreadWaiting } from './thread-waiting.ts';

/** An instance's place: it may have to be made yet, or anew. */
export interface Place {
  readonly resident: Resident;
  instance: Instance | undefined;
}

/** One plugin on one thread. */
export class Resident {
  readonly environment: ThreadEnvironment;
  /** What of its variables the host has not heard of. */
  readonly unheard: Unheard;
  readonly #places = new Map<number, Place>();
  readonly #compiled: CompiledPlugin;
  readonly #abis: Abis;
  readonly #waiting: ThreadWaiting;
  #linked: LinkedModule | undefined;

  constructor(
    setup: PluginSetup,
    compiled: CompiledPlugin,
    abis: Abis,
    line: HostLine,
    waiting: ThreadWaiting,
  ) {
    this.#compiled = compiled;
    this.#abis = abis;
    this.#waiting = waiting;
    this.environment = new ThreadEnvironment(setup, line, waiting);
    this.unheard = this.environment.unheard;
  }

  /** The place of the instance with this number. */
  placeOf(instance: number): Place {
    const known = this.#places.get(instance);
    if (known !== undefined) return known;
    const place: Place = { resident: this, instance: undefined };
    this.#places.set(instance, place);
    return place;
  }

  /** Lets an instance go. */
  discard(instance: number): void {
    this.#places.get(instance)?.instance?.dispose();
    this.#places.delete(instance);
  }

  /** Lets all of them go. */
  close(): void {
    for (const instance of [...this.#places.keys()]) this.discard(instance);
  }

  /** Takes news of its variables from the host. */
  hear(news: Uint8Array): void {
    if (news.length > 0) this.environment.variables.hear(news, this.unheard);
  }

  /** A new instance. @throws PlugbayError as {@link LinkedModule.start}, at once or when it rejects. */
  start(call: ThreadCall): Instance | Promise<Instance> {
    this.#linked ??= this.#link();
    return startLater(this.#linked.start(call), this.#waiting);
  }

  #link(): LinkedModule {
    const compiled = this.#compiled;
    const { allowance } = this.environment;
    if (allowance === undefined) return this.#abis.of(compiled.main.shape).link(compiled, this.environment);
    // Whatever it looks like, it was opened as an Extism plugin.
    return new SdkModule(this.#abis.extism.link(compiled, this.environment), allowance);
  }
}
