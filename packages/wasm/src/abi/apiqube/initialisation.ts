// What a plugin was initialised with, for instances that come later: a plugin is more than one of them.
import type { Environment } from '../environment.ts';
import { Variables } from '../variables.ts';
import { PLUGIN_INIT } from './names.ts';

const EMPTY = new Uint8Array(0);

/**
 * The last input of `plugin_init` that a plugin took. It is one of the plugin's variables, the only one in this ABI, because these are
 * what all instances of a plugin share, on whichever thread they are, and what outlives them.
 */
export class Initialisation {
  readonly #variables: Variables;

  constructor({ variables, limits }: Environment) {
    this.#variables = variables ?? new Variables(limits.variableBytes);
  }

  /** The input, which the caller must not change or keep; undefined until the plugin is initialised. */
  get input(): Uint8Array | undefined {
    return this.#variables.get(PLUGIN_INIT);
  }

  /** Remembers an input and returns its copy, for whoever asks whether it is still the last one. @throws PlugbayError `limit` beyond `variableBytes`. */
  remember(input: Uint8Array | string | undefined): Uint8Array {
    // Not by slice, which of a Buffer makes a view.
    const kept = typeof input === 'string' ? Buffer.from(input) : new Uint8Array(input ?? EMPTY);
    this.#variables.set(PLUGIN_INIT, PLUGIN_INIT.length, kept, 0, kept.length);
    return kept;
  }
}
