// C to WebAssembly, so that tests and benchmarks have the guests that people write, without a toolchain to install.
import type { Tree } from '@yowasp/clang';
import { builtOnce, versionOf } from './built.ts';

/** A module in C. */
export interface CModule {
  /** Names the built file and nothing else: letters, digits, `_` and `-`. */
  readonly name: string;
  /** File name → text. Every `.c` is compiled and linked; the others are there to be included. */
  readonly sources: Readonly<Record<string, string>>;
  /**
   * What the module stands on. `freestanding`: nothing, no entry; `wasi`: WASI preview 1 and its C library, a command that exports
   * `_start` and wants a `main`; `wasi-reactor`: the same library, but exports `_initialize` and wants none.
   * @default 'freestanding'
   */
  readonly target?: 'freestanding' | 'wasi' | 'wasi-reactor';
  /** More for the compiler, after our own flags, which are `-O2 -Wall -Werror`; `-Wl,a,b` goes to the linker as `a` and `b`. */
  readonly flags?: readonly string[];
}

type Target = NonNullable<CModule['target']>;

const EVERY = ['-O2', '-Wall', '-Werror'];
const COMPILE: Readonly<Record<Target, readonly string[]>> = {
  freestanding: ['--target=wasm32-unknown-unknown', '-ffreestanding', ...EVERY],
  wasi: ['--target=wasm32-wasip1', ...EVERY],
  'wasi-reactor': ['--target=wasm32-wasip1', ...EVERY],
};

// What clang itself would tell its linker, if it could start one.
const LIBRARIES = [
  '-L/usr/lib/wasm32-wasip1',
  '-lc',
  '/usr/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a',
];
const LINK: Readonly<Record<Target, readonly string[]>> = {
  freestanding: ['--no-entry'],
  wasi: ['/usr/lib/wasm32-wasip1/crt1-command.o', ...LIBRARIES],
  'wasi-reactor': ['/usr/lib/wasm32-wasip1/crt1-reactor.o', '--entry', '_initialize', ...LIBRARIES],
};

/**
 * The wasm of a module in C, without its names and debug sections. It is compiled once per sources, flags and compiler version,
 * which takes a quarter of a second, and two for the first in a process; then it is read from this package's `build/`.
 * @throws Error with the compiler's or the linker's diagnostics.
 */
export async function compileC(module: CModule): Promise<Uint8Array<ArrayBuffer>> {
  const { name, sources, target = 'freestanding', flags = [] } = module;
  const parts = [await versionOf('@yowasp/clang'), target, ...COMPILE[target], ...LINK[target], ...flags];
  for (const file of Object.keys(sources).sort()) parts.push(file, sources[file] ?? '');
  return builtOnce({ name, parts }, () => build(sources, target, flags));
}

async function build(
  sources: CModule['sources'],
  target: Target,
  flags: readonly string[],
): Promise<Uint8Array> {
  const forLinker = flags
    .filter((flag) => flag.startsWith('-Wl,'))
    .flatMap((flag) => flag.split(',').slice(1));
  const forCompiler = flags.filter((flag) => !flag.startsWith('-Wl,'));
  const compile = ['clang', ...COMPILE[target], ...forCompiler, '-c'];
  // Two steps, because a driver inside wasm cannot start its linker.
  let files: Tree = { ...sources };
  const objects: string[] = [];
  for (const file of Object.keys(sources).filter((source) => source.endsWith('.c'))) {
    objects.push(`${file}.o`);
    files = await llvm([...compile, file, '-o', `${file}.o`], files);
  }
  // The libraries come after the objects that need them.
  const link = ['wasm-ld', ...objects, ...LINK[target], '--strip-all', ...forLinker, '-o', 'linked.wasm'];
  const linked = (await llvm(link, files))['linked.wasm'];
  if (!(linked instanceof Uint8Array)) throw new Error('the linker left no module');
  return linked;
}

async function llvm(command: string[], files: Tree): Promise<Tree> {
  // Only when there is something to build: it is large.
  const { runLLVM } = await import('@yowasp/clang');
  const said: Uint8Array[] = [];
  const listen = (bytes: Uint8Array | null): void => {
    if (bytes !== null) said.push(bytes.slice());
  };
  const options = { fetchProgress: () => undefined, stdout: listen, stderr: listen, decodeASCII: false };
  try {
    return (await runLLVM(command, files, options)) ?? {};
  } catch (error) {
    throw new Error(`${command[0]} failed:\n${Buffer.concat(said)}`, { cause: error });
  }
}
