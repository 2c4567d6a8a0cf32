// What a rewritten module imports and exports beside its own.

/** What all of these names begin with. A colon keeps them apart from those of compilers. */
export const OWN_PREFIX = 'plugbay:';

/** The namespace of what they import, and of what companions do. */
export const OWN_NAMESPACE = 'plugbay:host';

/** What a metered module imports: a function that gives it more fuel, or none, which traps. */
export const TICK: { readonly module: string; readonly name: string } = {
  module: OWN_NAMESPACE,
  name: 'tick',
};

/**
 * What a watched module imports: a shared memory with the flag at its start, and the function that it calls when the flag is set,
 * which answers 0 to end it.
 */
export const EPOCH: { readonly module: string; readonly memory: string; readonly lookUp: string } = {
  module: OWN_NAMESPACE,
  memory: 'epoch',
  lookUp: 'look_up',
};

/** The export that is the fuel left: an i64 global that the host sets before a call. Below zero, the module ran out. */
export const FUEL_EXPORT = 'plugbay:fuel';

/** The export that is the module's start function, which does not run at instantiation then: whoever instantiates it runs it. */
export const START_EXPORT = 'plugbay:start';
