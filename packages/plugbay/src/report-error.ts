// How the command tells what went wrong: one line, the next step, and no stack for what is not our fault.
import { isPlugbayError } from '@plugbay/core';

/** Prints an error for a person and lets the process end with exit code 1. */
export function reportError(error: unknown): void {
  process.exitCode = 1;
  if (!isPlugbayError(error)) {
    console.error(error);
    return;
  }
  console.error(`error: ${error.message}`);
  if (error.hint !== undefined) console.error(`hint: ${error.hint}`);
}
