// The shape of source files: short, named after what they hold, introduced by a comment, and without loose ends.

import { execFileSync } from 'node:child_process';
import { posix } from 'node:path';
import { isTest, readText, readWorkspaces } from './workspace.ts';

const MAX_LINES = 400;
const EMPTY_NAMES = /(^|[-.])(utils?|helpers?|misc|managers?)([-.]|$)/;
const LOOSE_END = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`);
// Paths of one developer's machine. Spelled in halves here, or this file would breach its own rule.
const PRIVATE_PATHS = ['..' + '/shared', '/wo' + 'rk/'];

/** Every source file of the workspaces that breaks one of the rules, and every file that names a private path. */
export function fileBreaches(root: string): string[] {
  const sources = readWorkspaces(root, ['packages/*', 'examples/*', 'bench']).flatMap(
    (workspace) => workspace.sources,
  );
  return [...sources.flatMap((file) => sourceBreaches(file, readText(root, file))), ...privatePaths(root)];
}

function sourceBreaches(file: string, text: string): string[] {
  const breaches: string[] = [];
  const lines = text.split('\n');
  if (EMPTY_NAMES.test(posix.basename(file, '.ts')))
    breaches.push(`${file}: the name does not say what is in it`);
  for (const [index, line] of lines.entries()) {
    if (LOOSE_END.test(line)) breaches.push(`${file}:${index + 1}: a loose end; finish it or open an issue`);
  }
  if (isTest(file)) return breaches;

  const length = text.endsWith('\n') ? lines.length - 1 : lines.length;
  if (length > MAX_LINES && !file.endsWith('.generated.ts')) {
    breaches.push(`${file}: ${length} lines, more than ${MAX_LINES}: it holds more than one concept`);
  }
  const first = lines.find((line) => line.trim() !== '' && !line.startsWith('#!'));
  if (first === undefined || !/^\/[/*]/.test(first))
    breaches.push(`${file}: does not start by saying what it is for`);
  return breaches;
}

// --no-index, so that it also works in a folder that is no git checkout, such as an unpacked archive.
function privatePaths(root: string): string[] {
  const patterns = PRIVATE_PATHS.flatMap((path) => ['-e', path]);
  try {
    const args = ['grep', '--no-index', '--exclude-standard', '-nIF', ...patterns, '--', '.'];
    const output = execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return output
      .trimEnd()
      .split('\n')
      .map((hit) => `${hit.split(':', 2).join(':')}: names a path that only one developer has`);
  } catch (error) {
    if ((error as { status?: number }).status === 1) return []; // git's way to say that nothing was found
    throw error;
  }
}
