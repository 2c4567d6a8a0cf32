import { describe, expect, test } from 'vitest';
import { fileBreaches } from './files.ts';
import { manifest, REPOSITORY, writeTree } from './fixture-tree.ts';

function treeWith(file: string, text: string): string {
  return writeTree({ 'packages/core/package.json': manifest('@plugbay/core'), [file]: text });
}

describe('files', () => {
  test('keep their shape in this repository', () => {
    expect(fileBreaches(REPOSITORY)).toEqual([]);
  });

  test('may have 400 lines and not 401, generated ones and tests aside', () => {
    const lines = (count: number): string => '// For what it is.\n'.repeat(count);
    expect(fileBreaches(treeWith('packages/core/src/a.ts', lines(400)))).toEqual([]);
    expect(fileBreaches(treeWith('packages/core/src/a.ts', lines(401)))).toEqual([
      'packages/core/src/a.ts: 401 lines, more than 400: it holds more than one concept',
    ]);
    expect(fileBreaches(treeWith('packages/core/src/a.generated.ts', lines(401)))).toEqual([]);
    expect(fileBreaches(treeWith('packages/core/src/a.test.ts', lines(401)))).toEqual([]);
  });

  test.each(['utils', 'http-helpers', 'misc', 'plugin-manager', 'manager.test'])(
    'are not named %s',
    (name) => {
      const file = `packages/core/src/${name}.ts`;
      expect(fileBreaches(treeWith(file, '// For what it is.\n'))).toEqual([
        `${file}: the name does not say what is in it`,
      ]);
    },
  );

  test('start with a comment, after a possible #! line', () => {
    const file = 'packages/core/src/a.ts';
    expect(fileBreaches(treeWith(file, 'export {};\n'))).toEqual([
      `${file}: does not start by saying what it is for`,
    ]);
    expect(fileBreaches(treeWith(file, '#!/usr/bin/env node\n\n/** For what it is. */\n'))).toEqual([]);
  });

  test.each(['TO' + 'DO', 'FIX' + 'ME'])('have no %s', (word) => {
    const file = 'packages/core/src/a.ts';
    expect(fileBreaches(treeWith(file, `// For what it is.\n// ${word}: more\n`))).toEqual([
      `${file}:2: a loose end; finish it or open an issue`,
    ]);
  });

  test.each(['..' + '/shared/design', '/wo' + 'rk/main'])('do not name %s, wherever they are', (path) => {
    const breach = 'docs/a.md:2: names a path that only one developer has';
    const tree = writeTree({ 'docs/a.md': `# A\n${path}\n`, '.gitignore': 'dist/\n', 'dist/a.js': path });
    expect(fileBreaches(tree)).toEqual([breach]);
  });
});
