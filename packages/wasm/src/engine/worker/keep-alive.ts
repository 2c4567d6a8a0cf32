// Keeps the process alive while calls are under way, and only then.

// The longest that a timer can wait; it does nothing when it fires.
const FOREVER_MS = 2 ** 31 - 1;

/** Counts what must not be lost by an exit. */
export class KeepAlive {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  begin(): void {
    this.#count += 1;
    if (this.#count > 1) return;
    this.#timer ??= setInterval(() => undefined, FOREVER_MS);
    this.#timer.ref();
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#timer?.unref();
  }

  /** Lets go of its timer. Nothing may be under way. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
