// The guest's own log.
import type { LogLevel } from '@plugbay/core';
import type { FunctionType } from '../../binary/types.ts';
import type { Environment } from '../environment.ts';
import { writeLine } from '../log.ts';
import type { ImportMaker } from './state.ts';

/** The type of `host_log`. */
export const LOG_TYPE: FunctionType = { parameters: ['i32', 'i32', 'i32'], results: [] };

// By the ABI's numbers.
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

// A line that is cut in the middle of a character, or is not UTF-8, is no reason to lose it.
const lenient = new TextDecoder();

/** `host_log`: a level that the ABI does not number is written as `info`, and what is not in memory not at all. */
export function logImport(environment: Environment): ImportMaker {
  const { logLineBytes } = environment.limits;
  return (state) => (level: number, at: number, length: number) => {
    const [start, bytes] = [at >>> 0, length >>> 0];
    if (bytes === 0 || !state.memory.has(start, bytes)) return;
    writeLine(environment, state, LEVELS[level] ?? 'info', () => {
      const written = Math.min(bytes, logLineBytes);
      state.call.chargeCopy(written);
      return lenient.decode(state.memory.view(start, written));
    });
  };
}
