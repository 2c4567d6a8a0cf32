// A plugin that stays open between calls: closed when it was idle for long enough, or replaced, and never during a call.
import { type Clock, type Logger, messageOf, type Plugin, type Timer } from '@plugbay/core';

/** How residents are kept. */
export interface ResidentOptions {
  readonly clock: Clock;
  readonly keepResidentMs: number;
  readonly logger: Logger;
}

/** An open plugin with the calls that use it. */
export class Resident {
  readonly plugin: Plugin;
  readonly contentAddress: string;
  readonly #options: ResidentOptions;
  readonly #onIdle: () => void;
  #calls = 0;
  #lastUsed: number;
  #timer: Timer | undefined;
  #retired = false;
  #closed = false;

  /** `onIdle` is called when no call used the plugin for `keepResidentMs`; it shall retire it. */
  constructor(plugin: Plugin, contentAddress: string, options: ResidentOptions, onIdle: () => void) {
    this.plugin = plugin;
    this.contentAddress = contentAddress;
    this.#options = options;
    this.#onIdle = onIdle;
    this.#lastUsed = options.clock.monotonic();
    this.#watch(options.keepResidentMs);
  }

  /** A call starts to use the plugin, and ends with {@link Resident.release}. False when the plugin is closed already. */
  use(): boolean {
    if (this.#closed) return false;
    this.#calls++;
    return true;
  }

  /** A call has ended. */
  release(): void {
    this.#calls--;
    this.#lastUsed = this.#options.clock.monotonic();
    if (this.#retired) this.#closeWhenUnused();
  }

  /** Closes the plugin as soon as no call uses it. */
  retire(): void {
    this.retireAfterUse();
    this.#closeWhenUnused();
  }

  /** Closes the plugin when the last call ends, of which there must be one to come. */
  retireAfterUse(): void {
    this.#retired = true;
    this.#timer?.cancel();
  }

  #closeWhenUnused(): void {
    if (this.#calls > 0 || this.#closed) return;
    this.#closed = true;
    this.plugin.close().catch((error: unknown) => {
      this.#options.logger.warn(
        { plugin: this.plugin.info.name, reason: messageOf(error) },
        'a plugin did not close',
      );
    });
  }

  // One timer that looks when it fires costs a call nothing; one set anew by every call would.
  #watch(ms: number): void {
    const { clock, keepResidentMs } = this.#options;
    this.#timer = clock.timer(ms, () => {
      const rest = this.#lastUsed + keepResidentMs - clock.monotonic();
      if (this.#calls > 0) this.#watch(keepResidentMs);
      else if (rest > 0) this.#watch(rest);
      else this.#onIdle();
    });
  }
}
