// Keeps what compilers built: the same sources through the same compiler are not compiled twice, also not by the next run.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';

const BUILD = new URL('../build/', import.meta.url);
// Enough of a SHA-256 that no two sources ever meet, and short enough to read in a listing.
const KEY_DIGITS = 32;

/** What makes a built module the one it is. */
export interface Recipe {
  /** Begins the name of the kept file: letters, digits, `_` and `-`. */
  readonly name: string;
  /** Everything else that the result depends on: sources, flags, the compilers' versions. */
  readonly parts: readonly string[];
}

/**
 * The module that was built before from this recipe, or what `build` makes now, which is kept. Several processes may do so at
 * the same time: each sees a whole file or none.
 * @throws Error what `build` throws; then nothing is kept.
 */
export async function builtOnce(
  { name, parts }: Recipe,
  build: () => Promise<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const hash = createHash('sha256');
  // Lengths keep ['ab', 'c'] and ['a', 'bc'] apart.
  for (const part of parts) hash.update(`${part.length}:${part}`);
  const kept = new URL(`${name}.${hash.digest('hex').slice(0, KEY_DIGITS)}.wasm`, BUILD);
  const before = await readFile(kept).catch(() => undefined);
  if (before !== undefined) return new Uint8Array(before);
  const bytes = await build();
  await keep(kept, bytes);
  return new Uint8Array(bytes);
}

async function keep(file: URL, bytes: Uint8Array): Promise<void> {
  await mkdir(BUILD, { recursive: true });
  const temporary = new URL(`${file.href}.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The version of an installed package, as a part of a recipe. @throws Error when it is not installed. */
export async function versionOf(name: string): Promise<string> {
  const file = findPackageJSON(name, import.meta.url);
  if (file === undefined) throw new Error(`${name} is no package`);
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
  return `${name}@${version}`;
}
