// The logger shape that Plugbay accepts: pino's, so that an app hands over the logger it has.

/** Writes one line: a message, or facts and a message. */
export interface LogMethod {
  (message: string): void;
  (facts: object, message?: string): void;
}

/** The levels of a log line, from the least to the most severe. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

/** The severity of a log line. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Any pino-shaped logger. `level` is the least severe level that is written; absent means all of them. */
export interface Logger extends Readonly<Record<LogLevel, LogMethod>> {
  readonly level?: string | undefined;
}

const ignore: LogMethod = () => undefined;

/** A logger that writes nothing; its level tells plugins not to build messages at all. */
export const silentLogger: Logger = Object.freeze({
  level: 'silent',
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
});

/**
 * A complete logger from one that may lack methods, as an app's own often does. The given object is not changed;
 * methods it lacks write nothing, and without any logger nothing is written.
 */
export function completeLogger(partial: Partial<Logger> = silentLogger): Logger {
  const method = (level: LogLevel): LogMethod => partial[level]?.bind(partial) ?? ignore;
  return {
    // Read anew each time: a logger's level may change while a plugin is open.
    get level() {
      return partial.level;
    },
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
  };
}
