// Content encodings: what an answer's bytes went through before they were sent.
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

/** The encodings to ask for: what every server with any of them has. */
export const ACCEPTED_ENCODINGS = 'gzip, br';

// All of these fail when a stream ends early, which fetch does not. None runs ahead of its reader by more than a few KiB.
const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['deflate', () => createInflate()],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress()],
]);

/** A new decoder of one content encoding; undefined for one that is not known, and for several in a row. */
export function decoderOf(encoding: string): Transform | undefined {
  return DECODERS.get(encoding.toLowerCase())?.();
}
