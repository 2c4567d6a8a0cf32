// From where an app says a plugin is to its bytes.
import { ARTIFACT_MAX_BYTES, type PluginSource } from '@plugbay/core';
import { loadFile, parseLocator } from '@plugbay/loader';
import type { PluginOrigin } from './options.ts';

/** The plugin's bytes. @throws PlugbayError `invalid`, `not_found`, `limit`, `unsupported`, `unavailable`. */
export async function resolveSource(origin: PluginOrigin): Promise<PluginSource> {
  return 'locator' in origin ? loadFile(parseLocator(origin.locator).path, ARTIFACT_MAX_BYTES) : origin;
}
