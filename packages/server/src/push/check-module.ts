// Whether a pushed module can do what its extension point asks: nothing is kept before all of this passed.
import type { ExtensionPointRecord } from '@plugbay/core';
import { requireWasm } from './not-wasm.ts';

/** Stub. */
export async function checkModule(bytes: Uint8Array, _schema: ExtensionPointRecord['schema']): Promise<void> {
  requireWasm(bytes);
}
