// From a plugin's bytes to a module that can be instantiated: guard, cap, compile.
import { messageOf, PlugbayError } from '@plugbay/core';
import { capModule } from '../binary/cap.ts';
import { guardModule } from '../binary/guard.ts';
import type { ModuleShape } from '../binary/module-shape.ts';
import type { GuardPolicy } from '../binary/policy.ts';

/** A module that passed the guard, with its growth capped. */
export interface CompiledModule {
  readonly module: WebAssembly.Module;
  readonly shape: ModuleShape;
}

/**
 * Compiles a plugin's bytes off this thread. Nothing is compiled before the guard has passed.
 * @throws PlugbayError `limit`, `unsupported` (guard and cap), `invalid` (no module, or one that V8 refuses).
 */
export async function compileModule(
  bytes: Uint8Array,
  policy: GuardPolicy,
  memoryPages: number,
): Promise<CompiledModule> {
  const shape = guardModule(bytes, policy);
  const capped = capModule(bytes, shape, { memoryPages, tableEntries: policy.tableEntries });
  try {
    return { module: await WebAssembly.compile(capped), shape };
  } catch (cause) {
    throw new PlugbayError('invalid', messageOf(cause), { cause });
  }
}
