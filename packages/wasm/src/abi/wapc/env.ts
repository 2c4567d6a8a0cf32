// What the AssemblyScript compiler imports by itself: how a guest aborts, seeds its random numbers and traces.
import { randomInt } from 'node:crypto';
import { PlugbayError } from '@plugbay/core';
import type { Environment } from '../environment.ts';
import { writeLine } from '../log.ts';
import { assemblyScriptText } from './assembly-script-text.ts';
import { errorTextBytes } from './error-text.ts';
import type { ImportMaker, WapcState } from './state.ts';

// The largest range that randomInt takes.
const SEEDS = 2 ** 48 - 1;

// `trace` has room for five numbers, whatever their number is said to be.
const TRACED_NUMBERS = 5;

/** The imports of {@link ENV}, by name. */
export function envImports(environment: Environment): ReadonlyMap<string, ImportMaker> {
  const { logLineBytes } = environment.limits;
  const abort: ImportMaker = (state) => (message: number, file: number, line: number, column: number) => {
    const text = textAt(state, message, errorTextBytes) ?? 'abort';
    const place = textAt(state, file, errorTextBytes);
    throw aborted(state, place === undefined ? text : `${text} (${place}:${line >>> 0}:${column >>> 0})`);
  };
  const trace: ImportMaker =
    (state) =>
    (message: number, count: number, ...numbers: number[]) => {
      const shown = numbers.slice(0, Math.min(count >>> 0, TRACED_NUMBERS));
      writeLine(environment, state, 'trace', () => {
        const text = textAt(state, message, (bytes) => Math.min(bytes, logLineBytes)) ?? '';
        return [text, shown.join(', ')].filter((part) => part !== '').join(' ');
      });
    };
  return new Map<string, ImportMaker>([
    ['abort', abort],
    // Not Math.random, whose state one could compute from what it gave: it is the whole process's.
    ['seed', () => () => randomInt(SEEDS)],
    ['trace', trace],
  ]);
}

// Nothing for null, and for what is no string: a guest that aborts has its reason in any case.
function textAt(
  { call, memory }: WapcState,
  pointer: number,
  cut: (bytes: number) => number,
): string | undefined {
  return assemblyScriptText(memory.live, pointer, (length) => {
    const bytes = cut(length);
    call.chargeCopy(bytes);
    return bytes;
  });
}

// What the guest said by itself stays its error's text; the place where it aborted is the cause then.
function aborted(state: WapcState, text: string): PlugbayError {
  state.aborted = true;
  if (state.error === '') state.error = text;
  return new PlugbayError('trap', `the module aborted: ${text}`);
}
