// What the functions of one instance share.
import type { Clocks } from './clocks.ts';
import type { Descriptors } from './descriptors.ts';
import type { GuestMemory } from './guest-memory.ts';
import type { RandomSource } from './random.ts';

/** The state of one instance's WASI. */
export interface WasiState {
  readonly memory: GuestMemory;
  readonly descriptors: Descriptors;
  readonly clocks: Clocks;
  readonly random: RandomSource;
  /** The command line; every one ends in a NUL. */
  readonly args: readonly Uint8Array[];
  /** `NAME=value`; every one ends in a NUL. */
  readonly env: readonly Uint8Array[];
  /** Leaves the guest for good. */
  exit(code: number): never;
}

/**
 * One function of WASI: what it is given is as the guest gave it, pointers and lengths still signed. It returns when it has
 * succeeded and throws a Refusal to answer an error number.
 */
export type WasiCall = (...parameters: never[]) => void;
