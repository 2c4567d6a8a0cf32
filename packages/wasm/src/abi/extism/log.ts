// The guest's own log functions.
import { LOG_LEVELS, type LogLevel } from '@plugbay/core';
import type { Environment } from '../environment.ts';
import { writeLine } from '../log.ts';
import { type InstanceState, noBlock } from './state.ts';

// Guests cut lines anywhere, and so do we: a broken character at the end is no reason to lose the line.
const lenient = new TextDecoder();

/** Answers the kernel's `log`. */
export function logBlock(
  environment: Environment,
  state: InstanceState,
  level: number,
  at: number,
  length: number,
): void {
  const name = LOG_LEVELS[level] as LogLevel;
  writeLine(environment, state, name, () => {
    if (length < 0) throw noBlock(state, `log_${name}`, at);
    return lenient.decode(state.exchange.view(at, Math.min(length, environment.limits.logLineBytes)));
  });
}
