// Every test guest by name, built from its source in this folder when a test first asks for it.
import { readFile } from 'node:fs/promises';
import { compileAssemblyScript, compileC, wat } from '@plugbay/testing';

/** What a guest is made of, by its name; its source is the file of that name with the language's ending. */
const GUESTS = {
  alloc: 'wat',
  answers: 'wat',
  'circular-lhs': 'wat',
  'circular-main': 'wat',
  'circular-rhs': 'wat',
  'circular-rhs-two': 'wat',
  command: 'wat',
  commander: 'wat',
  config: 'assembly-script',
  consume: 'wat',
  'count-vowels': 'assembly-script',
  'count-vowels-host': 'assembly-script',
  exit: 'wasi-reactor',
  fail: 'assembly-script',
  fs: 'wasi',
  'fs-link': 'wat',
  globals: 'wat',
  haskell: 'wasi-reactor',
  hello: 'assembly-script',
  http: 'assembly-script',
  'http-headers': 'assembly-script',
  'input-offset': 'wat',
  log: 'assembly-script',
  'loop-forever': 'wat',
  'loop-forever-init': 'wat',
  memory: 'wat',
  reflect: 'freestanding',
  sleep: 'wasi-reactor',
  unreachable: 'wat',
  upper: 'freestanding',
  var: 'assembly-script',
  'var-reflected': 'assembly-script',
  'wasi-stdout': 'wasi-reactor',
} as const;

/** The name of a guest. */
export type GuestName = keyof typeof GUESTS;

/** All of them. */
export const GUEST_NAMES = Object.keys(GUESTS) as readonly GuestName[];

/** The wasm of one guest, the caller's own copy. */
export async function guest(name: GuestName): Promise<Uint8Array<ArrayBuffer>> {
  const made = GUESTS[name];
  if (made === 'wat') return new Uint8Array(await wat(await source(`${name}.wat`)));
  if (made === 'assembly-script') return compileAssemblyScript(await source(`${name}.as`), { name });
  const sources = { 'extism.h': await source('extism.h'), [`${name}.c`]: await source(`${name}.c`) };
  return compileC({ name, target: made, sources });
}

function source(file: string): Promise<string> {
  return readFile(new URL(file, import.meta.url), 'utf8');
}
