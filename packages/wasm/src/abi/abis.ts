// The calling conventions of this package.
import type { AbiName } from '@plugbay/core';
import type { ModuleShape } from '../binary/module-shape.ts';
import type { Abi } from './abi.ts';
import { apiqubeAbi } from './apiqube/apiqube.ts';
import { detectAbi, unknownAbi } from './detect.ts';
import { type ExtismAbi, extismAbi } from './extism/extism.ts';
import { wapcAbi } from './wapc/wapc.ts';

/** The calling conventions of one thread, which keep what they have compiled. */
export class Abis {
  /** Extism's, whatever a module looks like. */
  readonly extism: ExtismAbi;
  readonly #abis: Readonly<Record<AbiName, Abi>>;

  /** `sharedExchange` when another thread works on the exchange memories as well. */
  constructor(sharedExchange = false) {
    this.extism = extismAbi(sharedExchange);
    this.#abis = { extism: this.extism, wapc: wapcAbi(), apiqube: apiqubeAbi() };
  }

  /** The convention of a module of this shape. @throws PlugbayError `unsupported`. */
  of(shape: ModuleShape): Abi {
    const name = detectAbi(shape);
    if (name === undefined) throw unknownAbi(shape);
    return this.#abis[name];
  }
}
