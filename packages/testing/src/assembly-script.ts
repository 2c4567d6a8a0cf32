// AssemblyScript to WebAssembly, for guests that read like the plugins people write; `@extism/as-pdk` can be imported.
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtOnce, versionOf } from './built.ts';

/** How a module in AssemblyScript is built. */
export interface AssemblyScriptOptions {
  /** Names the built file, and the module in diagnostics: letters, digits, `_` and `-`. @default 'plugin' */
  readonly name?: string;
  /** More for the compiler, after our own flags. */
  readonly flags?: readonly string[];
}

// From here the compiler climbs up to the node_modules that hold what a source imports.
const BASE = fileURLToPath(new URL('../', import.meta.url));

// AssemblyScript's own abort would be an import that no host provides: here it traps.
const FLAGS = ['--optimize', '--use', 'abort='];

/**
 * The wasm of one source in AssemblyScript; its exports are the module's. It is compiled once per source, flags and versions of the
 * compiler and the PDK, which takes about a second; then it is read from this package's `build/`.
 * @throws Error with the compiler's diagnostics.
 */
export async function compileAssemblyScript(
  source: string,
  { name = 'plugin', flags = [] }: AssemblyScriptOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const versions = await Promise.all(['assemblyscript', '@extism/as-pdk', '@wapc/as-guest'].map(versionOf));
  const parts = [...versions, ...FLAGS, ...flags, source];
  return builtOnce({ name, parts }, () => build(`${name}.ts`, source, flags));
}

async function build(entry: string, source: string, flags: readonly string[]): Promise<Uint8Array> {
  // Only when there is something to build: the compiler is large.
  const asc = await import('assemblyscript/asc');
  let built: Uint8Array | undefined;
  const command = [entry, '--baseDir', BASE, '--outFile', 'built.wasm', ...FLAGS, ...flags];
  const { error, stderr } = await asc.main(command, {
    // What the source imports, in folders that do not exist, is simply not there.
    readFile: async (file: string) =>
      file === entry
        ? source
        : await readFile(isAbsolute(file) ? file : join(BASE, file), 'utf8').catch(() => null),
    writeFile: (file: string, content: string | Uint8Array) => {
      if (file === 'built.wasm' && typeof content !== 'string') built = content;
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`asc failed:\n${stderr}`, { cause: error });
  if (built === undefined) throw new Error('asc left no module');
  return built;
}
