// The app's logger: console-shaped, with a level that host functions may change.
import { LOG_LEVELS, type Logger, type LogMethod } from '@plugbay/core';
import type { LogLevel, PluginLogger } from './types.ts';

const LEVELS: readonly string[] = [...LOG_LEVELS, 'silent'];

/** A plugin's logger. */
export class PluginLog implements Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly #logger: PluginLogger;
  #level: LogLevel = 'silent';

  /** @throws TypeError for a level that is none. */
  constructor(logger: PluginLogger, level: LogLevel) {
    this.#logger = logger;
    this.level = level;
    const method =
      (name: Exclude<LogLevel, 'silent'>): LogMethod =>
      (facts: object | string, text?: string) =>
        logger[name](text ?? facts);
    this.trace = method('trace');
    this.debug = method('debug');
    this.info = method('info');
    this.warn = method('warn');
    this.error = method('error');
  }

  /** The least severe level that is written. */
  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    if (!LEVELS.includes(level))
      throw new TypeError(`a log level is one of ${LEVELS.join(', ')}, not ${level}`);
    this.#level = level;
  }

  /** Says what the plugin was refused. The SDK says it at every level, for the plugin itself often says nothing. */
  complain(text: string): void {
    this.#logger.error(text);
  }
}
