// The content address: what bytes are called everywhere in Plugbay, so that a name can be checked against them.
import { createHash } from 'node:crypto';
import { PlugbayError } from './error.ts';

/** An unpadded base64url SHA-256; the last character carries two zero bits. */
export const CONTENT_ADDRESS_PATTERN: RegExp = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** The content address of `bytes`: 43 characters, the unpadded base64url of their SHA-256. */
export function contentAddress(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

/** Checks the form of a content address and returns it. @throws PlugbayError `invalid`. */
export function parseContentAddress(text: string): string {
  if (!CONTENT_ADDRESS_PATTERN.test(text)) {
    throw new PlugbayError('invalid', `${JSON.stringify(text.slice(0, 80))} is not a content address`, {
      hint: 'A content address is the unpadded base64url of a SHA-256: 43 characters.',
    });
  }
  return text;
}

/** Passes when `bytes` are what `address` names. @throws PlugbayError `integrity`. */
export function verifyContent(address: string, bytes: Uint8Array): void {
  const actual = contentAddress(bytes);
  if (actual !== address) {
    throw new PlugbayError('integrity', `content of ${address} is damaged: its bytes are those of ${actual}`);
  }
}
