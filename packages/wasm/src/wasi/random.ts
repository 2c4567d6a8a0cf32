// The guest's random bytes: the system's, seeded ones for runs that must repeat, or none.
import { hash } from 'node:crypto';
import type { WasiGrants } from '@plugbay/core';
import { refuse } from './errno.ts';

/** Fills bytes. @throws Refusal `ENOTCAPABLE` when no randomness is granted. */
export type RandomSource = (bytes: Uint8Array) => void;

// What getRandomValues takes at a time.
const CHUNK_BYTES = 65_536;

/** The source for one instance. */
export function randomSource(grant: WasiGrants['random']): RandomSource {
  if (grant === 'none') return () => refuse('ENOTCAPABLE');
  return grant === undefined || grant === 'system' ? systemRandom : seededRandom(String(grant.seed));
}

function systemRandom(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    crypto.getRandomValues(bytes.subarray(at, at + CHUNK_BYTES) as Uint8Array<ArrayBuffer>);
  }
}

// SHA-256 of seed and counter: simple enough to be written again in any language. Not for secrets: who knows the seed knows all.
function seededRandom(seed: string): RandomSource {
  let block = new Uint8Array(0);
  let used = 0;
  let counter = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      if (used === block.length) {
        block = new Uint8Array(hash('sha256', `${seed}:${counter}`, 'buffer'));
        counter += 1;
        used = 0;
      }
      const part = block.subarray(used, used + bytes.length - at);
      bytes.set(part, at);
      at += part.length;
      used += part.length;
    }
  };
}
