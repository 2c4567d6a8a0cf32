// What every engine has to make of Extism plugins: the tests that each of them runs.
import type { ContractEngine } from './engine.ts';
import { appCodeTests } from './extism/app-code.ts';
import { asynchronousTests } from './extism/asynchronous.ts';
import { callingTests } from './extism/calling.ts';
import { limitTests } from './extism/limits.ts';
import { tenantTests } from './extism/tenants.ts';

/** Declares the tests for an engine. */
export function extismContract(engine: ContractEngine): void {
  callingTests(engine);
  asynchronousTests(engine);
  limitTests(engine);
  tenantTests(engine);
  appCodeTests(engine);
}
