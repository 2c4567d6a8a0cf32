// A plugin's log: its lines go to the app's logger, within limits.
import { LOG_LEVELS, type LogLevel } from '@plugbay/core';
import type { Environment } from './environment.ts';
import type { Serving } from './suspension.ts';
import { hostError } from './trap.ts';

// What a guest is told when no level is written.
const LOG_OFF = 0x7fffffff;

const LEVELS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(LOG_LEVELS.map((level, index) => [level, index])),
  fatal: LOG_OFF,
  silent: LOG_OFF,
};

/** The least severe level that is written, as the ABI numbers them; a level we do not know writes all. */
export function logThreshold({ logger }: Environment): number {
  return logger.level === undefined ? 0 : (LEVELS[logger.level] ?? 0);
}

/**
 * Writes a line of a plugin, unless its level is not written or the call has written enough; `text` is made only when it is.
 * @throws PlugbayError `internal` when the logger throws.
 */
export function writeLine(
  environment: Environment,
  { call }: Serving,
  level: LogLevel,
  text: () => string,
): void {
  if (call.ended || LOG_LEVELS.indexOf(level) < logThreshold(environment)) return;
  const { logger, limits, plugin, tenant } = environment;
  call.logLines += 1;
  if (call.logLines > limits.logLines) return;
  const line = text();
  try {
    logger[level]({ plugin, tenant }, line);
  } catch (cause) {
    throw call.failed(hostError('the logger failed', cause));
  }
}
