// The check of a module that nobody runs yet, such as one that was just pushed to a registry.
import type { AbiName } from '@plugbay/core';
import { unknownAbi } from './abi/detect.ts';
import { INLINE_POLICY } from './binary/policy.ts';
import { MEMORY_MAX_PAGES } from './binary/stores.ts';
import { describe, type ModuleDescription } from './inspect.ts';
import { compileModule } from './module/compile.ts';

/** What a module of a known calling convention is made of. */
export interface PluginDescription extends ModuleDescription {
  readonly abi: AbiName;
}

/**
 * Passes and describes a module that the inline engine would compile. It is compiled off this thread, and not run;
 * imports and memory are not checked, because they depend on the options it is opened with.
 * @throws PlugbayError `invalid` (no module, or one that V8 refuses), `limit`, `unsupported` (also one that follows no known ABI).
 */
export async function validateModule(bytes: Uint8Array): Promise<PluginDescription> {
  const { shape } = await compileModule(bytes, INLINE_POLICY, { memoryPages: MEMORY_MAX_PAGES });
  const description = describe(bytes, shape);
  const { abi } = description;
  if (abi === undefined) throw unknownAbi(shape);
  return { ...description, abi };
}
