// The end of a plugin: whoever works for it is told, and whoever keeps it can forget it.
import { PlugbayError } from '@plugbay/core';

/** Says once that a plugin is closed. Its signal is made when somebody asks for it, because most plugins need none. */
export class Closing {
  #onClose: (() => void) | undefined;
  #controller: AbortController | undefined;
  #closed = false;

  /** `onClose` is told first. */
  constructor(onClose: (() => void) | undefined) {
    this.#onClose = onClose;
  }

  /** Aborted when the plugin is closed. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#closed) this.#controller.abort(closedError());
    return this.#controller.signal;
  }

  /** Closes; what comes later changes nothing. @throws what `onClose` throws, once all else is done. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const tell = this.#onClose;
    this.#onClose = undefined;
    try {
      tell?.();
    } finally {
      this.#controller?.abort(closedError());
    }
  }
}

/** The error of whoever still wanted something of a plugin when it was closed. */
export function closedError(): PlugbayError {
  return new PlugbayError('canceled', 'the plugin was closed');
}
