// Locators: strings that say where a plugin's bytes are. So far: files.
import { fileURLToPath } from 'node:url';
import { PlugbayError } from '@plugbay/core';

/** A parsed locator. */
export interface FileLocator {
  readonly kind: 'file';
  /** As the app wrote it, or from the URL; relative to the working folder. */
  readonly path: string;
}

// One letter is a Windows drive, not a scheme.
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/** Parses `file:` URLs and plain paths. @throws PlugbayError `invalid` (empty, bad URL), `unsupported` (another scheme). */
export function parseLocator(text: string): FileLocator {
  if (text === '' || text.includes('\0')) throw notALocator();
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: 'file', path: text };
  if (scheme !== 'file') {
    throw new PlugbayError('unsupported', `locators of the form ${scheme}: are not supported`, {
      hint: 'Use a path or a file: URL.',
    });
  }
  const path = pathOf(text);
  if (path.includes('\0')) throw notALocator();
  return { kind: 'file', path };
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new PlugbayError('invalid', `${JSON.stringify(url)} is not a file URL of this machine`, { cause });
  }
}

function notALocator(): PlugbayError {
  return new PlugbayError('invalid', 'a locator must be a path or a file: URL');
}
