// The checks and tests of `npm test`, and the one line that sums them up.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from './build.mjs';
import { environmentWith, run } from './child.mjs';
import { explain, StepFailed } from './failure.mjs';
import { install } from './install.mjs';
import { ROOT } from './root.mjs';
import { say } from './say.mjs';
import { installed, runTool } from './tool.mjs';

const CHECKS = [
  { name: 'types', command: 'tsc', args: ['-p', 'tsconfig.checks.json', '--noEmit'] },
  { name: 'lint and format', command: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'unused code', command: 'knip', args: [] },
];
const REPORT = join(ROOT, 'node_modules', '.cache', 'plugbay', 'vitest.json');

/**
 * Runs `checks` (when asked for), then Vitest with `args`, on the Node that `provide` brings. Prints `N passed, N failed`
 * last, whatever happened, and answers the exit code.
 */
export async function test(args, provide, { checks }) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  try {
    const env = environmentWith(await provide());
    await install('full', env);
    await build([], env);
    for (const { name, command, args: flags } of checks ? CHECKS : []) {
      await runTool(name, installed(command), flags, { env });
      tally.passed += 1;
    }
    await runVitest(args, env, tally);
  } catch (error) {
    tally.failed += 1;
    say(explain(error));
  } finally {
    const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
    process.stdout.write(`${tally.passed} passed, ${tally.failed} failed${skipped}\n`);
  }
  return tally.failed === 0 ? 0 : 1;
}

async function runVitest(args, env, tally) {
  rmSync(REPORT, { force: true });
  mkdirSync(dirname(REPORT), { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${relative(ROOT, REPORT)}`];
  const { code } = await run(installed('vitest'), ['run', ...reporters, ...args], {
    env,
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const failedBefore = tally.failed;
  count(tally);
  // A crash, an unhandled rejection or a missing report fails the run without failing a test.
  if (code !== 0 && tally.failed === failedBefore) throw new StepFailed(`vitest failed (exit ${code})`);
}

function count(tally) {
  let report;
  try {
    report = JSON.parse(readFileSync(REPORT, 'utf8'));
  } catch {
    return;
  }
  tally.passed += report.numPassedTests;
  tally.failed += report.numFailedTests;
  tally.skipped += report.numPendingTests + report.numTodoTests;
  // A file that cannot be loaded has no tests to count: the file is what failed.
  for (const file of report.testResults) {
    const failedTests = file.assertionResults.some((result) => result.status === 'failed');
    if (file.status === 'failed' && !failedTests) tally.failed += 1;
  }
}
