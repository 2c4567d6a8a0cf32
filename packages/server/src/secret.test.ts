import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashSecret, isToken, newInviteCode, newToken } from './secret.ts';

it('makes tokens and codes that nobody can guess, and that differ', () => {
  const tokens = new Set(Array.from({ length: 1000 }, newToken));
  expect(tokens.size).toBe(1000);
  for (const token of tokens) expect(token).toMatch(/^xtp0_[A-Za-z0-9_-]{53}$/);
  expect(newInviteCode()).toMatch(/^[A-Za-z0-9_-]{53}$/);
  // Every place of a token takes many values: none of its characters is fixed.
  for (let place = 5; place < 58; place++) {
    expect(new Set([...tokens].map((token) => token[place])).size).toBeGreaterThan(32);
  }
});

it('knows a token by its form', () => {
  expect(isToken(newToken())).toBe(true);
  for (const text of ['', 'xtp0_', `${newToken()}a`, newToken().slice(1), `xtp0_${'+'.repeat(53)}`]) {
    expect(isToken(text)).toBe(false);
  }
});

it('keeps the SHA-256 of a secret', () => {
  expect(hashSecret('secret')).toBe(createHash('sha256').update('secret').digest('base64url'));
});
