// The command's log: one line of JSON for each event, on standard error.
import {
  isPlugbayError,
  LOG_LEVELS,
  type Logger,
  type LogLevel,
  type LogMethod,
  messageOf,
} from '@plugbay/core';

/** A logger that writes what is at least as severe as `level`. */
export function stderrLogger(level: LogLevel): Partial<Logger> {
  const written = LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
  return { level, ...Object.fromEntries(written.map((name) => [name, lineWriter(name)])) };
}

function lineWriter(level: LogLevel): LogMethod {
  return (facts: object | string, message?: string) => {
    const line = typeof facts === 'string' ? { message: facts } : { message, ...facts };
    console.error(JSON.stringify({ time: new Date().toISOString(), level, ...line }, showErrors));
  };
}

// An error has no enumerable properties of its own, and JSON would show nothing of it.
function showErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const code = isPlugbayError(value) ? value.code : undefined;
  const cause = value.cause === undefined ? undefined : messageOf(value.cause);
  return { code, message: value.message, cause, stack: value.stack };
}
