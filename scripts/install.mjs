// Installs the dependencies, unless a stamp says that exactly these are there already.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environmentWith, run } from './child.mjs';
import { ROOT } from './root.mjs';
import { runTool } from './tool.mjs';

const STAMP = join(ROOT, 'node_modules', '.plugbay-install.json');

/** `kind` is 'lean' (what the demo's build and run need) or 'full' (also what tests and tools need). */
export async function install(kind, env) {
  const fingerprint = fingerprintOfManifests();
  const stamp = readStamp();
  if (stamp.fingerprint === fingerprint && (stamp.kind === 'full' || stamp.kind === kind)) return;

  // A checkout that had everything keeps everything.
  const wanted = stamp.kind === 'full' ? 'full' : kind;
  // An interrupted install leaves no stamp.
  rmSync(STAMP, { force: true });
  const flag = wanted === 'lean' ? '--omit=dev' : '--include=dev';
  await runTool(`dependencies (${wanted})`, 'npm', ['ci', flag], { env: await environmentForNpm(env) });

  writeFileSync(`${STAMP}.tmp`, JSON.stringify({ fingerprint, kind: wanted }));
  renameSync(`${STAMP}.tmp`, STAMP);
}

// npm skips an optional package, such as a tool's native binding, whose "engines" do not fit the Node that npm runs on: so
// the new Node should run it. Debian's npm, though, finds its modules only with Debian's Node.
async function environmentForNpm(env) {
  const { code } = await run('npm', ['--version'], { env, cwd: ROOT, stdio: 'ignore' });
  return code === 0 ? env : environmentWith(dirname(process.execPath));
}

function fingerprintOfManifests() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'package.json', ...workspaceManifests()]) {
    hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

function workspaceManifests() {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return workspaces
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const parent = pattern.slice(0, -2);
      return readdirSync(join(ROOT, parent)).map((folder) => `${parent}/${folder}`);
    })
    .map((folder) => `${folder}/package.json`)
    .filter((file) => existsSync(join(ROOT, file)))
    .sort();
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}
