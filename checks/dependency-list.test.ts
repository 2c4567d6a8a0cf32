import { describe, expect, test } from 'vitest';
import { dependencyListBreaches } from './dependency-list.ts';
import { manifest, REPOSITORY, writeTree } from './fixture-tree.ts';

const LIST = '| package | used by | licence | why |\n|---|---|---|---|\n| `ajv` | schema | MIT | fast |\n';
const USES_AJV = { dependencies: { ajv: '^8.0.0', '@plugbay/core': '0.1.0' } };

describe('dependencies.md', () => {
  test('is true of this repository', () => {
    expect(dependencyListBreaches(REPOSITORY)).toEqual([]);
  });

  test('lists what is used, with the licence that it has', () => {
    const tree = writeTree({
      'package.json': '{ "name": "root" }',
      'dependencies.md': LIST,
      'packages/core/package.json': manifest('@plugbay/core'),
      'packages/schema/package.json': manifest('@plugbay/schema', USES_AJV),
      'node_modules/ajv/package.json': '{ "license": "MIT" }',
    });
    expect(dependencyListBreaches(tree)).toEqual([]);
  });

  test('lacks nothing, has nothing to spare and states no licence of its own invention', () => {
    const tree = writeTree({
      'package.json': '{ "name": "root", "devDependencies": { "vitest": "5.0.0" } }',
      'dependencies.md': LIST,
      'node_modules/ajv/package.json': '{ "license": "GPL-3.0" }',
    });
    expect(dependencyListBreaches(tree)).toEqual([
      'dependencies.md: lacks vitest',
      'dependencies.md: lists ajv, on which nothing depends',
      'dependencies.md: says MIT of ajv, which says GPL-3.0 of itself',
    ]);
  });
});
