// Secrets that the server hands out once: tokens and invite codes. Only their SHA-256 is kept, so a stolen database opens nothing.
import { hash, randomBytes } from 'node:crypto';

// 53 characters of base64url hold 318 of the 320 random bits.
const RANDOM_BYTES = 40;
const SECRET_CHARACTERS = 53;
const TOKEN_PATTERN = /^xtp0_[A-Za-z0-9_-]{53}$/;

/** A new bearer token: `xtp0_` and 53 base64url characters. */
export function newToken(): string {
  return `xtp0_${newSecret()}`;
}

/** A new invite code: 53 base64url characters. */
export function newInviteCode(): string {
  return newSecret();
}

/** Whether `text` has the form of a token. */
export function isToken(text: string): boolean {
  return TOKEN_PATTERN.test(text);
}

/** What is stored of a secret. Random secrets of this length need no salt and no slow hash: they cannot be guessed. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

function newSecret(): string {
  return randomBytes(RANDOM_BYTES).toString('base64url').slice(0, SECRET_CHARACTERS);
}
