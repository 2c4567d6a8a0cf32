// What of a plugin's source is kept while it is open.
import type { ModuleSource, PluginSource } from '@plugbay/core';

const NO_BYTES = new Uint8Array(0);

/** Its name and digest; no bytes, unless somebody may still ask for their digest. */
export function identityOf({ name, digest, bytes }: PluginSource): ModuleSource {
  return digest === undefined ? { name, bytes } : { name, digest, bytes: NO_BYTES };
}
