// What all sides of a row do alike: call the guest and get the payload back.
import type { Contender } from '../../row.ts';

/** A call that every side makes. */
export interface Work {
  /** `echo` answers with its payload; `hostcall` with what the host answers to it, which is the payload as well. */
  readonly operation: 'echo' | 'hostcall';
  readonly input: Uint8Array;
}

/** The answer to a host call: the payload, which is the callback's own. */
export function answer(
  _link: string,
  _namespace: string,
  _operation: string,
  payload: Uint8Array,
): Uint8Array {
  return payload;
}

/** Calls that answer at once. @throws Error when the first does not answer with the input. */
export function calling({ input }: Work, call: () => Uint8Array, close?: () => Promise<void>): Contender {
  check(input, call());
  return {
    async run(runs) {
      for (let i = 0; i < runs; i++) call();
    },
    ...(close === undefined ? {} : { close }),
  };
}

/** Calls that answer with a promise. @throws Error when the first does not answer with the input. */
export async function callingLater({ input }: Work, call: () => Promise<Uint8Array>): Promise<Contender> {
  check(input, await call());
  return {
    async run(runs) {
      for (let i = 0; i < runs; i++) await call();
    },
  };
}

function check(input: Uint8Array, answered: Uint8Array): void {
  if (Buffer.compare(input, answered) === 0) return;
  throw new Error(`the guest answered ${answered.length} bytes that are not the expected ones`);
}
