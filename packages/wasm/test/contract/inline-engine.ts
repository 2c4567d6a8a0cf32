// The inline engine, for the tests of the contract.
import { openBytes, openWat } from '../open.ts';
import type { ContractEngine } from './engine.ts';

/** The engine. */
export const INLINE: ContractEngine = {
  facts: { stopsUnmetered: false, waitsWhileStarting: false, loggerFailsCalls: true },
  openWat,
  openBytes,
};
