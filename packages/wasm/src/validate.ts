// The check of a module that nobody runs yet, such as one that was just pushed to a registry.
import { INLINE_POLICY } from './binary/policy.ts';
import { MEMORY_MAX_PAGES } from './binary/stores.ts';
import { describe, type ModuleDescription } from './inspect.ts';
import { compileModule } from './module/compile.ts';

/**
 * Passes and describes a module that the inline engine would compile. It is compiled off this thread, and not run;
 * imports and memory are not checked, because they depend on the options it is opened with.
 * @throws PlugbayError `invalid` (no module, or one that V8 refuses), `limit`, `unsupported`.
 */
export async function validateModule(bytes: Uint8Array): Promise<ModuleDescription> {
  const { shape } = await compileModule(bytes, INLINE_POLICY, { memoryPages: MEMORY_MAX_PAGES });
  return describe(bytes, shape);
}
