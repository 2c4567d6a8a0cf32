// The guest's log: its lines go to the app's logger, within limits.
import { LOG_LEVELS, type LogLevel } from '@plugbay/core';
import type { Environment } from '../environment.ts';
import { hostError } from '../trap.ts';
import { type InstanceState, noBlock } from './state.ts';

// What a guest is told when no level is written.
const LOG_OFF = 0x7fffffff;

const LEVELS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(LOG_LEVELS.map((level, index) => [level, index])),
  fatal: LOG_OFF,
  silent: LOG_OFF,
};

// Guests cut lines anywhere, and so do we: a broken character at the end is no reason to lose the line.
const lenient = new TextDecoder();

/** The least severe level that is written, as the ABI numbers them; a level we do not know writes all. */
export function logThreshold({ logger }: Environment): number {
  return logger.level === undefined ? 0 : (LEVELS[logger.level] ?? 0);
}

/** Writes a line in the name of the running call; `text` is made only when the line is written. */
export type LineWriter = (state: InstanceState, level: LogLevel, text: () => string) => void;

/** Writes lines of a plugin, unless their level is not written or the call has written enough. */
export function lineWriter(environment: Environment): LineWriter {
  const { logger, limits, plugin, tenant } = environment;
  const facts = Object.freeze({ plugin, tenant });
  return ({ call }, level, text) => {
    if (LOG_LEVELS.indexOf(level) < logThreshold(environment)) return;
    call.logLines += 1;
    if (call.logLines > limits.logLines) return;
    const line = text();
    try {
      logger[level](facts, line);
    } catch (cause) {
      throw call.failed(hostError('the logger failed', cause));
    }
  };
}

/** Answers the kernel's `log`. */
export function logLine(
  environment: Environment,
): (state: InstanceState, level: number, at: number, length: number) => void {
  const { logLineBytes } = environment.limits;
  const write = lineWriter(environment);
  return (state, level, at, length) => {
    const name = LOG_LEVELS[level] as LogLevel;
    write(state, name, () => {
      if (length < 0) throw noBlock(state, `log_${name}`, at);
      return lenient.decode(state.exchange.view(at, Math.min(length, logLineBytes)));
    });
  };
}
