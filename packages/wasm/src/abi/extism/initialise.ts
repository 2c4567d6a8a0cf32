// Initialising a guest's own runtime, once per instance: what the Extism runtime does for the main module.
import { PlugbayError } from '@plugbay/core';
import type { Starting } from '../starting.ts';

type Exports = Readonly<Record<string, unknown>>;

/** Runs what the guest exports for its initialisation: Haskell's, C++'s, or a reactor's. Never `_start`. */
export function* initialise(exports: Exports): Starting<void> {
  const { hs_init: haskell, __wasm_call_ctors: constructors, _initialize: reactor } = exports;
  if (isFunction(haskell)) {
    if (isFunction(reactor) && takesNothing(reactor)) yield [reactor];
    // Its arguments are main's argc and argv.
    yield* runHaskell(haskell);
  } else if (isFunction(constructors)) {
    if (takesNothing(constructors)) yield [constructors];
  } else if (isFunction(reactor) && takesNothing(reactor)) {
    yield [reactor];
  }
}

type GuestFunction = (...values: number[]) => unknown;

function isFunction(value: unknown): value is GuestFunction {
  return typeof value === 'function';
}

// A wasm function's length is its number of parameters.
function takesNothing(run: GuestFunction): boolean {
  return run.length === 0;
}

// A function's length does not tell its types: one that wants anything but two numbers is not Haskell's.
function* runHaskell(start: GuestFunction): Starting<void> {
  try {
    yield [start, 0, 0];
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new PlugbayError('invalid', `the module's hs_init does not take two i32: ${thrown.message}`, {
      cause: thrown,
    });
  }
}
