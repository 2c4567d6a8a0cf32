// What a rewritten module imports and exports beside its own.

/** What all of these names begin with. A colon keeps them apart from those of compilers. */
export const OWN_PREFIX = 'plugbay:';

/**
 * What a metered module imports: a function that gives it more fuel, or none, which traps. The namespace is one of ours, that of
 * companions as well.
 */
export const TICK = { module: 'plugbay:host', name: 'tick' } as const;

/**
 * What a watched module imports: a shared memory with the flag at its start, and the function that it calls when the flag is set,
 * which answers 0 to end it. The namespace is that of {@link TICK}.
 */
export const EPOCH = { module: 'plugbay:host', memory: 'epoch', lookUp: 'look_up' } as const;

/** The export that is the fuel left: an i64 global that the host sets before a call. Below zero, the module ran out. */
export const FUEL_EXPORT = 'plugbay:fuel';

/** The export that is the module's start function, which does not run at instantiation then: whoever instantiates it runs it. */
export const START_EXPORT = 'plugbay:start';
