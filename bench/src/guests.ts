// Compiles the C guests; what was built from the same sources by the same compiler is used again.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { runLLVM, type Tree } from '@yowasp/clang';

const GUESTS = new URL('../guests/', import.meta.url);
const BUILD = new URL('../build/', import.meta.url);
// Pins the compiler's exact version.
const MANIFEST = new URL('../package.json', import.meta.url);

/** The wasm of `guests/<name>.c`, without a standard library. */
export async function guest(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const sources: Tree = {};
  const hash = createHash('sha256').update(await readFile(MANIFEST));
  for (const file of ['extism.h', `${name}.c`]) {
    const text = await readFile(new URL(file, GUESTS), 'utf8');
    sources[file] = text;
    hash.update(text);
  }
  const built = new URL(`${name}.${hash.digest('hex').slice(0, 16)}.wasm`, BUILD);
  const before = await readFile(built).catch(() => undefined);
  if (before !== undefined) return before;
  const bytes = await compile(name, sources);
  await mkdir(BUILD, { recursive: true });
  await writeFile(built, bytes);
  return bytes;
}

async function compile(name: string, sources: Tree): Promise<Uint8Array<ArrayBuffer>> {
  // Two steps, because a driver inside wasm cannot start its linker.
  const flags = ['--target=wasm32-unknown-unknown', '-O2', '-ffreestanding', '-Wall', '-Werror'];
  const object = await llvm(['clang', ...flags, '-c', `${name}.c`, '-o', `${name}.o`], sources);
  const linked = await llvm(
    ['wasm-ld', '--no-entry', '--strip-all', `${name}.o`, '-o', `${name}.wasm`],
    object,
  );
  const bytes = linked[`${name}.wasm`];
  if (!(bytes instanceof Uint8Array)) throw new Error(`${name}.c was not compiled`);
  return new Uint8Array(bytes);
}

// Its own progress and diagnostics would go to stdout, which is for results.
async function llvm(command: string[], files: Tree): Promise<Tree> {
  const toStderr = (bytes: Uint8Array | null): void => {
    if (bytes !== null) process.stderr.write(bytes);
  };
  const options = { fetchProgress: () => undefined, stdout: toStderr, stderr: toStderr };
  return (await runLLVM(command, files, options)) ?? {};
}
