// The work of the Extism project's own first example.
import type { Work } from './work.ts';

/** 11 bytes in, one look at the configuration, one variable read and written, JSON out. */
export const COUNT_VOWELS: Work = {
  guest: 'count_vowels',
  run: 'count_vowels',
  input: new TextEncoder().encode('hello world'),
  answer: Buffer.from('{"count":3,"total":3}'),
};
