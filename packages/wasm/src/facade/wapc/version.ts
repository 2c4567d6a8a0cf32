// One version of a host's plugin, which lives until its last call has ended.
import type { CallOptions } from '@plugbay/core';
import type { InlinePlugin } from '../../engine/inline/plugin.ts';

/** A module that was started, and the calls that it serves. */
export class Version {
  readonly #plugin: InlinePlugin;
  #calls = 0;

  constructor(plugin: InlinePlugin) {
    this.#plugin = plugin;
  }

  /** Calls that run or wait for their turn. */
  get calls(): number {
    return this.#calls;
  }

  /** @throws as {@link InlinePlugin.call}. */
  async call(operation: string, payload: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    this.#calls += 1;
    try {
      return (await this.#plugin.call(operation, payload, options)).bytes;
    } finally {
      this.#calls -= 1;
    }
  }

  /** Cancels what still runs. */
  async close(): Promise<void> {
    await this.#plugin.close();
  }
}
