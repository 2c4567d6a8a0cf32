// The Extism project's own SDK in the version that this package pins: the oracle of what a compatible host does.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What the SDK exports. */
export type ExtismSdk = typeof import('@extism/extism');

/** The SDK; loaded when it is first asked for. */
export function extismSdk(): Promise<ExtismSdk> {
  return import('@extism/extism');
}

/** Where the SDK is, as a `file:` URL, for those who load it in another process. It is the CommonJS build. */
export function extismSdkUrl(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('@extism/extism')).href;
}
