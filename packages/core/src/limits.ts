// What a plugin may use at most: one named default each, with its reason.
import { PlugbayError } from './error.ts';

/** Bytes in one WebAssembly page. */
export const PAGE_BYTES = 65_536;

/** The limits under which a plugin runs. Every one is a positive whole number. */
export interface Limits {
  /** Pages of 64 KiB that the module's own memories may have together, minimum and growth alike. */
  readonly memoryPages: number;
  /** Bytes of the exchange memory: input, output and every block the plugin allocates during one call. */
  readonly exchangeBytes: number;
  /** Bytes of one call's input. */
  readonly inputBytes: number;
  /** Bytes of one call's output. */
  readonly outputBytes: number;
  /** Bytes of all variables of a plugin; each costs its name, its value and {@link VARIABLE_OVERHEAD_BYTES}. */
  readonly variableBytes: number;
  /** Log lines of one call; further ones are dropped and counted. */
  readonly logLines: number;
  /** Bytes of one log line; a longer one is cut. */
  readonly logLineBytes: number;
  /** Host calls and host function calls of one invocation of the plugin. */
  readonly hostCalls: number;
  /** Milliseconds of one call from when it gets an instance, where the engine can stop a running one: the worker engine. */
  readonly callMs: number;
  /** Units of work of one call of a metered plugin: a loop's turn, a function's call, 64 bytes moved in bulk, a nanosecond of sleep. */
  readonly fuel: number;
}

/**
 * Bytes of one plugin's code at most, 32 MiB: ten times what Go's compiler makes of a small program, and two of them still
 * fit into every cache on the way.
 */
export const ARTIFACT_MAX_BYTES: number = 32 * 1024 * 1024;

/** What one variable costs beside its name and value, as the Extism runtime counts it. Bytes. */
export const VARIABLE_OVERHEAD_BYTES = 48;

/** The limits of a plugin for which nothing else was said. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  // 64 MiB: every real plugin we measured starts below 20 MiB (Go with its collector is the largest).
  memoryPages: 1024,
  // 64 MiB: input and output at their limits, and as much again for what the plugin's library allocates on the way.
  exchangeBytes: 64 * 1024 * 1024,
  // 16 MiB: ten times the largest web-hook body that the common providers send.
  inputBytes: 16 * 1024 * 1024,
  // 16 MiB: as much out as in.
  outputBytes: 16 * 1024 * 1024,
  // 1 MiB: what the Extism runtime allows, so a plugin that works there works here.
  variableBytes: 1024 * 1024,
  // 1,000: enough to follow one call, and too little to fill a disk in a request.
  logLines: 1_000,
  // 8 KiB: a line that a log store takes without cutting it itself.
  logLineBytes: 8 * 1024,
  // 100,000: at the 0.3 µs of a host call this is 30 ms of a request, and far above what a real plugin makes.
  hostCalls: 100_000,
  // 10 seconds: longer than a caller of a web service waits, host calls included.
  callMs: 10_000,
  // 10 billion: some ten seconds of a tight loop, after which a request has failed anyway.
  fuel: 10_000_000_000,
});

/**
 * The defaults with `overrides` laid over them, checked once where a plugin is opened.
 * @throws PlugbayError `invalid` for an unknown limit or one that is not a positive whole number.
 */
export function resolveLimits(overrides: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(overrides)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      throw new PlugbayError('invalid', `unknown limit "${name}"`, {
        hint: `Use one of: ${Object.keys(DEFAULT_LIMITS).join(', ')}.`,
      });
    }
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw new PlugbayError(
        'invalid',
        `limit "${name}" must be a positive whole number, not ${String(value)}`,
      );
    }
  }
  return Object.freeze({ ...DEFAULT_LIMITS, ...overrides });
}
