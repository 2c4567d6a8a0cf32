// The types of the waPC project's host for JavaScript, with what ours adds to them.

/**
 * Answers the host calls of a plugin. It may answer with a promise when it is an `async` function, or one that `asynchronous()` of
 * `@plugbay/core` declares. What it throws is the plugin's host error, by its message.
 */
export type HostCall = (
  binding: string,
  namespace: string,
  operation: string,
  payload: Uint8Array,
) => Uint8Array | Promise<Uint8Array>;

/** Takes what a plugin prints: whole lines, each with its newline. */
export type Writer = (message: string) => void;

/** Takes lines that a plugin logs. `console` is one. */
export interface WapcLogger {
  /** Lines for `__console_log`, and of the standard output when there is no writer. */
  info(line: string): void;
  /** Lines of the standard error. */
  warn(line: string): void;
}

/** What a plugin may use at most. */
export interface WapcOptions {
  /** Pages of 64 KiB that its memory may have. @default 65,536: what 32-bit addresses reach */
  readonly memoryPages?: number | undefined;
  /**
   * Milliseconds of a call, waiting for its turn included; a start may take ten seconds then. The plugin's work is counted for that, which
   * makes it a tenth slower. @default none
   */
  readonly timeoutMs?: number | undefined;
}
