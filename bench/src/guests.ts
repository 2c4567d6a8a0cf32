// The C guests of `guests/`; what was built from the same sources by the same compiler is used again.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { compileC } from '@plugbay/testing';

const GUESTS = new URL('../guests/', import.meta.url);
const HEADER = 'extism.h';

/** The wasm of `guests/<path>.c`, without a standard library. */
export async function guest(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const name = basename(path);
  const sources = {
    [HEADER]: await readFile(new URL(HEADER, GUESTS), 'utf8'),
    [`${name}.c`]: await readFile(new URL(`${path}.c`, GUESTS), 'utf8'),
  };
  return compileC({ name, sources });
}
