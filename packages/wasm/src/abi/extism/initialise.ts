// Initialising a guest's own runtime, once per instance: what the Extism runtime does for the main module.

type Exports = Readonly<Record<string, unknown>>;

/** Runs what the guest exports for its initialisation: Haskell's, C++'s, or a reactor's. Never `_start`. */
export function initialise(exports: Exports): void {
  const { hs_init: haskell, __wasm_call_ctors: constructors, _initialize: reactor } = exports;
  if (isFunction(haskell)) {
    if (isFunction(reactor) && takesNothing(reactor)) reactor();
    // Its arguments are main's argc and argv.
    haskell(0, 0);
  } else if (isFunction(constructors)) {
    if (takesNothing(constructors)) constructors();
  } else if (isFunction(reactor) && takesNothing(reactor)) {
    reactor();
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
