// What a README shows is true: every ```ts block compiles against the built packages, runs, and prints what it says.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { type ReadmeBlock, readmeBlocks } from './readme-blocks.ts';
import { hasFile, readText, readWorkspaces } from './workspace.ts';

const RUN_TIMEOUT_MS = 30_000;
// Inside the repository, so that imports resolve as a reader's would; not in node_modules, where Node strips no types.
const BUILD_FOLDER = 'build/readme';
const TYPESCRIPT = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

interface Example extends ReadmeBlock {
  readonly readme: string;
  /** The block as a file of its own, relative to the root. */
  readonly file: string;
}

/**
 * Every package without a README or an example, and every example that does not compile, run or print what it says.
 * Examples run in `env`, which says where a server is.
 */
export function readmeBreaches(root: string, env: NodeJS.ProcessEnv = process.env): string[] {
  const breaches: string[] = [];
  const examples: Example[] = [];
  for (const folder of ['.', ...readWorkspaces(root, ['packages/*']).map((workspace) => workspace.folder)]) {
    const readme = folder === '.' ? 'README.md' : `${folder}/README.md`;
    const blocks = hasFile(root, readme) ? readmeBlocks(readText(root, readme)) : undefined;
    if (blocks === undefined) breaches.push(`${readme}: is missing`);
    if (blocks?.length === 0 && folder !== '.') breaches.push(`${readme}: has no ts block`);
    for (const block of blocks ?? []) {
      examples.push({ ...block, readme, file: posix.join(BUILD_FOLDER, folder, `line-${block.line}.ts`) });
    }
  }
  writeExamples(root, examples);
  const errors = compile(root, examples);
  // An example that does not compile tells nothing by running.
  const runs =
    errors.length > 0
      ? []
      : examples.filter(({ runs }) => runs).flatMap((example) => run(root, example, env));
  return [...breaches, ...errors, ...runs];
}

function writeExamples(root: string, examples: readonly Example[]): void {
  rmSync(join(root, BUILD_FOLDER), { recursive: true, force: true });
  for (const { file, code, line } of examples) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    // Blank lines first, so that an error's line number is the README's.
    writeFileSync(join(root, file), '\n'.repeat(line) + code);
  }
}

function compile(root: string, examples: readonly Example[]): string[] {
  if (examples.length === 0) return [];
  const config = join(root, BUILD_FOLDER, 'tsconfig.json');
  const compilerOptions = {
    noEmit: true,
    composite: false,
    declarationMap: false,
    sourceMap: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    typeRoots: [join(dirname(TYPESCRIPT), '@types')],
  };
  const base = join(dirname(import.meta.dirname), 'tsconfig.base.json');
  writeFileSync(config, JSON.stringify({ extends: base, compilerOptions, include: ['**/*.ts'] }));
  const tsc = join(TYPESCRIPT, 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', config, '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) return [];
  const printed = `${stdout}${stderr}`.trim();
  return printed
    .split('\n')
    .map((line) => examples.reduce((text, { file, readme }) => text.replace(file, readme), line));
}

function run(root: string, { readme, line, file, output }: Example, env: NodeJS.ProcessEnv): string[] {
  const cwd = mkdtempSync(join(tmpdir(), 'plugbay-readme-'));
  try {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [join(root, file)], {
      cwd,
      env,
      encoding: 'utf8',
      timeout: RUN_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (status !== 0)
      return [`${readme}:${line}: the example ends with ${signal ?? `exit code ${status}`}: ${stderr}`];
    if (output === undefined || stdout === output) return [];
    return [`${readme}:${line}: the example prints ${JSON.stringify(stdout)}, not ${JSON.stringify(output)}`];
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
