import { describe, expect, test } from 'vitest';
import { architectureBreaches } from './architecture.ts';
import { manifest, REPOSITORY, writeTree } from './fixture-tree.ts';

describe('architecture', () => {
  test('is described as it is in this repository', () => {
    expect(architectureBreaches(REPOSITORY)).toEqual([]);
  });

  test('finds a package that the table lacks and a row without a package', () => {
    const tree = writeTree({
      'docs/architecture.md':
        '| 0 | `@plugbay/core` | contracts | nothing |\n| – | `@plugbay/testing` | | all |\n',
      'packages/core/package.json': manifest('@plugbay/core'),
      'packages/io/package.json': manifest('@plugbay/io'),
    });
    expect(architectureBreaches(tree)).toEqual([
      'docs/architecture.md: the table lacks @plugbay/io',
      'docs/architecture.md: the table lists @plugbay/testing, which is not in packages/',
    ]);
  });

  test('finds that there is no table', () => {
    expect(architectureBreaches(writeTree({}))).toEqual(['docs/architecture.md: has no table of layers']);
  });
});
