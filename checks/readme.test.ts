import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runDemo } from '../examples/demo/test/run-demo.ts';
import { manifest, REPOSITORY, writeTree } from './fixture-tree.ts';
import { readmeBreaches } from './readme.ts';

function treeWith(readme: string): string {
  return writeTree({
    'package.json': '{ "type": "module" }',
    'README.md': '# Fixture\n',
    'node_modules/@plugbay/core/package.json': JSON.stringify({
      name: '@plugbay/core',
      type: 'module',
      exports: { types: './mod.d.ts', default: './mod.js' },
    }),
    'node_modules/@plugbay/core/mod.d.ts': 'export declare const answer: number;\n',
    'node_modules/@plugbay/core/mod.js': 'export const answer = 42;\n',
    'packages/core/package.json': manifest('@plugbay/core'),
    'packages/core/README.md': readme,
  });
}

const IMPORT = "import { answer } from '@plugbay/core';\n";

describe('readme', () => {
  // Every example of every README, each in a process of its own.
  test('is true in this repository', { timeout: 300_000 }, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'plugbay-readme-'));
    const demo = await runDemo({ dataDir });
    onTestFinished(async () => {
      await demo.stop('SIGTERM');
      rmSync(dataDir, { recursive: true });
    });
    const where = { PLUGBAY_URL: demo.url, PLUGBAY_APP: demo.appId, PLUGBAY_TOKEN: demo.token };
    expect(readmeBreaches(REPOSITORY, { ...process.env, ...where })).toEqual([]);
  });

  test('may show what compiles, runs and prints what it says', () => {
    const tree = treeWith(
      `\`\`\`ts\n${IMPORT}console.log(answer as number);\n\`\`\`\n\`\`\`text\n42\n\`\`\`\n`,
    );
    expect(readmeBreaches(tree)).toEqual([]);
  });

  test('may show what cannot run here when its fence says so', () => {
    expect(readmeBreaches(treeWith(`\`\`\`ts no-run\n${IMPORT}process.exit(answer);\n\`\`\`\n`))).toEqual([]);
  });

  test('does not show what does not compile', () => {
    const [breach, ...others] = readmeBreaches(
      treeWith(`# Core\n\`\`\`ts\n${IMPORT}answer.length;\n\`\`\`\n`),
    );
    expect(breach).toBe(
      "packages/core/README.md(4,8): error TS2339: Property 'length' does not exist on type 'number'.",
    );
    expect(others).toEqual([]);
  });

  test('does not show what fails', () => {
    const breaches = readmeBreaches(treeWith('```ts\nprocess.exit(3);\n```\n'));
    expect(breaches).toEqual(['packages/core/README.md:1: the example ends with exit code 3: ']);
  });

  test('does not say what is not printed', () => {
    const tree = treeWith('```ts\nconsole.log(1);\n```\n```text\n2\n```\n');
    expect(readmeBreaches(tree)).toEqual([
      'packages/core/README.md:1: the example prints "1\\n", not "2\\n"',
    ]);
  });

  test('is there, with an example, for every package', () => {
    expect(readmeBreaches(treeWith('# Core\n'))).toEqual(['packages/core/README.md: has no ts block']);
    const tree = writeTree({ 'README.md': '', 'packages/core/package.json': manifest('@plugbay/core') });
    expect(readmeBreaches(tree)).toEqual(['packages/core/README.md: is missing']);
  });
});
