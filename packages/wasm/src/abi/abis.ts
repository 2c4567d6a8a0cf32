// The calling conventions of this package.
import type { AbiName } from '@plugbay/core';
import type { ModuleShape } from '../binary/module-shape.ts';
import type { Abi } from './abi.ts';
import { detectAbi, unsupportedAbi } from './detect.ts';
import { extismAbi } from './extism/extism.ts';

/** The calling conventions of one thread, which keep what they have compiled. */
export class Abis {
  readonly #abis: Partial<Record<AbiName, Abi>> = { extism: extismAbi() };

  /** The convention of a module of this shape. @throws PlugbayError `unsupported`. */
  of(shape: ModuleShape): Abi {
    const name = detectAbi(shape);
    const abi = name === undefined ? undefined : this.#abis[name];
    if (abi === undefined) throw unsupportedAbi(name, shape);
    return abi;
  }
}
