// The tests of the Extism project's SDK for JavaScript, written once for every implementation of its interface.
import { describe, it } from 'vitest';
import { CALLING } from './calling.ts';
import { HOST_FUNCTIONS } from './host-functions.ts';
import { HTTP } from './http.ts';
import { LINKING } from './linking.ts';
import { LOADING } from './loading.ts';
import type { Implementation, ParityCase } from './peer.ts';
import { WASI } from './wasi.ts';
import { WORKERS } from './workers.ts';

/** The cases that have to hold wherever a plugin runs. */
export const ANYWHERE: readonly ParityCase[] = [
  ...LOADING,
  ...CALLING,
  ...HOST_FUNCTIONS,
  ...LINKING,
  ...WASI,
  ...HTTP,
];

/** Every case. */
export const PARITY_CASES: readonly ParityCase[] = [...ANYWHERE, ...WORKERS];

/**
 * Defines the tests that `implementation` is a compatible one.
 * @param options.cases the cases, all of them when it is left out
 * @param options.skip titles of cases in which it differs on purpose; one that is not a case's title is an error
 */
export function defineParitySuite(
  name: string,
  implementation: Implementation,
  {
    cases = PARITY_CASES,
    skip = [],
  }: { readonly cases?: readonly ParityCase[]; readonly skip?: readonly string[] } = {},
): void {
  for (const title of skip) {
    if (!cases.some((each) => each.title === title)) throw new Error(`there is no case "${title}"`);
  }
  describe(name, () => {
    for (const { number, title, run } of cases) {
      if (skip.includes(title)) continue;
      it(number === undefined ? title : `${number}. ${title}`, () => run(implementation));
    }
  });
}
