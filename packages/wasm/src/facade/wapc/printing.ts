// Where a plugin's lines go: those of its log, and those of its standard streams.
import { type Logger, silentLogger } from '@plugbay/core';
import type { WapcLogger, Writer } from './types.ts';

/** The loggers of one plugin. */
export interface Printing {
  /** For `__console_log`. */
  readonly log: Logger;
  /** For the standard output, as `info`, and the standard error, as `warn`. */
  readonly streams: Logger;
}

// Looked up for each line, because apps replace them.
const CONSOLE: WapcLogger = {
  // biome-ignore lint/suspicious/noConsole: it is where the peer writes.
  info: (line) => console.log(line),
  // biome-ignore lint/suspicious/noConsole: likewise.
  warn: (line) => console.error(line),
};

/** A writer takes what is printed, and what is logged unless there is a logger; without either, all is the console's. */
export function printing(writer: Writer | undefined, logger: WapcLogger | undefined): Printing {
  const own = logger ?? CONSOLE;
  const info = (line: string): void => own.info(line);
  const warn = (line: string): void => own.warn(line);
  const write = writer === undefined ? info : (line: string): void => writer(`${line}\n`);
  return {
    log: loggerOf(logger === undefined ? write : info, warn),
    streams: loggerOf(write, warn),
  };
}

function loggerOf(info: (line: string) => void, warn: (line: string) => void): Logger {
  return {
    ...silentLogger,
    level: 'info',
    info: (facts: object | string, line?: string) => info(line ?? String(facts)),
    warn: (facts: object | string, line?: string) => warn(line ?? String(facts)),
  };
}
