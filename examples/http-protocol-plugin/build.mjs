// Builds the plugin from source, when the source or the compiler is newer than what was built last. Prints nothing when there is nothing to do.
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const stamp = join(folder, 'build', 'http.stamp');

/** Where the built plugin is. */
export const PLUGIN_FILE = join(folder, 'build', 'http.wasm');

/** Builds the plugin and returns whether there was anything to build. */
export async function buildPlugin() {
  const inputs = fingerprint();
  if (read(stamp) === inputs && existsSync(PLUGIN_FILE)) return false;
  mkdirSync(dirname(stamp), { recursive: true });
  // Whoever reads the plugin meanwhile reads a whole one.
  const built = join(folder, 'build', `${randomUUID()}.wasm`);
  const compiler = join(dirname(require.resolve('assemblyscript/package.json')), 'bin', 'asc.js');
  await promisify(execFile)(
    process.execPath,
    // AssemblyScript's own abort would be an import that no host provides.
    [
      compiler,
      'assembly/plugin.ts',
      '--outFile',
      built,
      '--optimize',
      '--use',
      'abort=assembly/plugin/abort',
    ],
    { cwd: folder },
  );
  renameSync(built, PLUGIN_FILE);
  writeFileSync(stamp, inputs);
  return true;
}

function fingerprint() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(folder, 'assembly')).sort();
  for (const file of [...sources.map((name) => join('assembly', name)), 'build.mjs', 'package.json'])
    hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPlugin();
