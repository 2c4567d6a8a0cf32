// Imports whose answer may take its time: the guest is suspended until it is there, or its thread waits for it.
import type { HostFunction } from '@plugbay/core';
import type { FunctionType } from '../binary/types.ts';
import type { Environment } from './environment.ts';

/** A function as WebAssembly calls it. */
export type ImportFunction = (...values: never[]) => unknown;

/** The two forms of such an import. */
export interface AnsweredImport {
  /** Answers at once, if need be by blocking this thread. */
  readonly now: ImportFunction;
  /** Answers with a promise, for which the guest is suspended. */
  readonly later: ImportFunction;
}

/** How guests wait on a thread that may be blocked: suspended wherever they can be, else by blocking the thread. */
export interface Waiting {
  /** What every module of this thread imports beside its own imports, because it was rewritten. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** An import of this type that takes whichever form is possible when it is called. */
  either(type: FunctionType, forms: AnsweredImport): unknown;
  /** What a guest does in between that may be told to look up: 0 to end. Others have their turn first. */
  lookUp(): number | Promise<number>;
  /** Lets time pass, as {@link sleeping} says. Milliseconds. */
  sleep(ms: number): void;
  /** Does what may sleep: where a guest can be suspended, the time passes when all else is done, and others have the thread. */
  sleeping<T>(run: () => T): T | Promise<T>;
  /** Does what calls into a guest from JavaScript: below it, a guest cannot be suspended. */
  unsuspended<T>(run: () => T): T;
}

/** The import for an answer that is given in this mode, where a thread has no other way. */
export function waitingImport(
  { waiting }: Environment,
  mode: 'sync' | 'async' | undefined,
  type: FunctionType,
  forms: AnsweredImport,
): unknown {
  if (waiting !== undefined) return waiting.either(type, forms);
  return mode === 'async' ? new WebAssembly.Suspending(forms.later) : forms.now;
}

const NOW = Symbol('now');

/** A host function that has both forms: `later` is asynchronous, `now` blocks. */
export function inTwoForms(now: HostFunction, later: HostFunction): HostFunction {
  return Object.defineProperty(later, NOW, { value: now });
}

/** The form of a host function that answers at once. */
export function nowOf(body: HostFunction): HostFunction {
  return (body as { readonly [NOW]?: HostFunction })[NOW] ?? body;
}
