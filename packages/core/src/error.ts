// The one error class: a closed code that programs switch on, and the facts that a person needs.

/** Every code a {@link PlugbayError} can carry. Adding one is a design decision: see RATIONALE.md. */
export const ERROR_CODES = [
  'invalid',
  'not_found',
  'conflict',
  'denied',
  'unauthenticated',
  'limit',
  'timeout',
  'canceled',
  'trap',
  'plugin',
  'unavailable',
  'integrity',
  'unsupported',
  'internal',
] as const;

/**
 * What went wrong, as a closed union. `trap`: the module crashed; `plugin`: the plugin itself reported an error;
 * `integrity`: bytes are not what their address or format says; `limit`: a named limit was reached.
 */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The step of a call's way in which an error arose; the words are those of docs/architecture.md. */
export type Phase = 'resolve' | 'fetch' | 'open' | 'call' | 'release';

/** The facts beside an error's message; all optional, all safe to show to an operator. */
export interface ErrorFacts {
  /** The next step for whoever reads the error, as an imperative sentence. */
  readonly hint?: string | undefined;
  /** Name or digest of the plugin concerned. */
  readonly plugin?: string | undefined;
  /** The tenant for whom the plugin ran. */
  readonly tenant?: string | undefined;
  /** Name of the extension point concerned. */
  readonly point?: string | undefined;
  /** The step in which the error arose. */
  readonly phase?: Phase | undefined;
  /** True when the plugin's memory was discarded with the failed call; its variables are kept. */
  readonly stateLost?: boolean | undefined;
  /** The underlying error, for logs. */
  readonly cause?: unknown;
}

// A symbol from the global registry, because an app may load two copies of this package.
const BRAND = Symbol.for('plugbay.error');

/** The only error that Plugbay's public API throws. Switch on {@link PlugbayError.code}, show {@link PlugbayError.hint}. */
export class PlugbayError extends Error {
  override readonly name = 'PlugbayError';
  /** What went wrong. */
  readonly code: ErrorCode;
  /** The next step, when there is one. */
  readonly hint: string | undefined;
  readonly plugin: string | undefined;
  readonly tenant: string | undefined;
  readonly point: string | undefined;
  readonly phase: Phase | undefined;
  readonly stateLost: boolean;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    Object.defineProperty(this, BRAND, { value: true });
    this.code = code;
    this.hint = facts.hint;
    this.plugin = facts.plugin;
    this.tenant = facts.tenant;
    this.point = facts.point;
    this.phase = facts.phase;
    this.stateLost = facts.stateLost ?? false;
  }

  /**
   * The same error with more facts; facts that it already has win, because they were known closer to the cause. The error
   * of another plugin, which was called on the way, becomes the cause of one about this plugin.
   */
  with(facts: ErrorFacts): PlugbayError {
    const { message, code, hint } = this;
    const foreign = this.plugin !== undefined && facts.plugin !== undefined && this.plugin !== facts.plugin;
    const error = foreign
      ? new PlugbayError(code, message, { hint, ...facts, cause: this })
      : new PlugbayError(code, message, {
          hint: hint ?? facts.hint,
          plugin: this.plugin ?? facts.plugin,
          tenant: this.tenant ?? facts.tenant,
          point: this.point ?? facts.point,
          phase: this.phase ?? facts.phase,
          stateLost: this.stateLost || facts.stateLost,
          cause: this.cause ?? facts.cause,
        });
    if (this.stack !== undefined) error.stack = this.stack;
    return error;
  }
}

/** Whether `value` is a {@link PlugbayError}, also one made by another copy of this package in the process. */
export function isPlugbayError(value: unknown): value is PlugbayError {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** The message of anything that was thrown, for a log line or an error's text. Never throws itself. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    // A hostile or prototype-less value that does not become a string.
    return `a thrown ${typeof thrown} without a message`;
  }
}
