// Initialising a guest, once per instance: whatever it exports for that.
import { PlugbayError } from '@plugbay/core';
import { isExit } from '../../wasi/exit.ts';
import type { GuestStep, Starting } from '../starting.ts';
import type { Exports } from './assemble.ts';
import { STARTS } from './exports.ts';
import type { WapcState } from './state.ts';

const EMPTY = new Uint8Array(0);
const OPERATIONS = STARTS.map((name) => ({ name, operation: Buffer.from(name) }));

/**
 * Runs each of {@link STARTS} that is there, as an operation of that name without a payload. A main function that ends with exit code 0
 * has done what it was for.
 * @throws PlugbayError `plugin` (another exit code), and whatever comes out of the guest.
 */
export function* initialise(exports: Exports, state: WapcState): Starting<void> {
  for (const { name, operation } of OPERATIONS) {
    const { [name]: start } = exports;
    if (typeof start !== 'function') continue;
    state.request(operation, EMPTY);
    try {
      yield [start as GuestStep[0]];
    } catch (thrown) {
      if (!isExit(thrown)) throw thrown;
    }
    const { exitCode, error } = state;
    if (exitCode !== undefined && exitCode !== 0) throw exitError(name, exitCode);
    // The next one would clear it.
    if (error !== '') return;
    state.wasi?.resume();
  }
}

/** The error of a module that exited in what starts it. */
export function exitError(name: string, code: number): PlugbayError {
  return new PlugbayError('plugin', `the module exited with code ${code} in ${name}, while it was starting`);
}
