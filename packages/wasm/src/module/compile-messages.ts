// What a compile thread and its owner say to each other: data only, no functions.
import type { ErrorCode } from '@plugbay/core';
import type { GuardPolicy } from '../binary/policy.ts';
import type { CompiledModule, Recipe } from './compile.ts';

/** What the thread is started with. */
export interface CompileThreadData {
  /** Whether another thread works on the exchange memories of what it compiles as well. */
  readonly sharedExchange: boolean;
}

/** One module to compile. The thread does not get the next one before it has answered. */
export interface CompileRequest {
  readonly bytes: Uint8Array;
  readonly policy: GuardPolicy;
  readonly recipe: Omit<Recipe, 'companionOf'>;
  /** Whether its calling convention's companion becomes a part of it. */
  readonly merges: boolean;
}

/** The answer to one. */
export type CompileAnswer = { readonly compiled: CompiledModule } | { readonly failure: FailureData };

/** An error as data. */
interface FailureData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}
