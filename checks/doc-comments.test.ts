import { describe, expect, test } from 'vitest';
import { docCommentBreaches } from './doc-comments.ts';
import { manifest, REPOSITORY, writeTree } from './fixture-tree.ts';

function treeWith(files: Readonly<Record<string, string>>): string {
  const sources = Object.entries(files).map(([name, text]) => [`packages/core/src/${name}`, text]);
  return writeTree({
    'packages/core/package.json': manifest('@plugbay/core'),
    ...Object.fromEntries(sources),
  });
}

const DOCUMENTED = `
/** A limit, in bytes. */
export const LIMIT = 1;
/** One shape. */
export type Shape = 'a';
/** Another shape. */
export interface Other {}
/** Does it. */
export function act(a: string): void;
export function act(a: number): void;
export function act(): void {}
/** Is it. */
class Thing {}
export { Thing as Renamed };
`;

describe('doc comments', () => {
  test('are complete in this repository', () => {
    expect(docCommentBreaches(REPOSITORY)).toEqual([]);
  });

  test('are found at the declaration, through lists, imports and renames', () => {
    const tree = treeWith({
      'mod.ts':
        "export { act, LIMIT, Renamed as Again, type Shape } from './middle.ts';\nexport { x } from '@plugbay/io';\n",
      'middle.ts':
        "import { act } from './a.ts';\nexport { act };\nexport { LIMIT, Renamed, type Shape } from './a.ts';\n",
      'internal.ts': "export type { Other } from './a.ts';\n",
      'a.ts': DOCUMENTED,
    });
    expect(docCommentBreaches(tree)).toEqual([]);
  });

  test.each([
    ['no comment', 'export const a = 1;'],
    ['a line comment', '// It is.\nexport const a = 1;'],
    ['a block comment that is no doc comment', '/* It is. */\nexport const a = 1;'],
    ['the comment of the declaration before', '/** It is. */\nconst b = 1;\nexport const a = b;'],
  ])('are missing with %s', (_, source) => {
    const tree = treeWith({ 'mod.ts': "export { a } from './a.ts';", 'a.ts': source });
    expect(docCommentBreaches(tree)).toEqual([
      "packages/core/src/mod.ts: 'a' has no doc comment where it is declared",
    ]);
  });

  test('are asked for in internal.ts and for what mod.ts declares itself', () => {
    const tree = treeWith({ 'mod.ts': 'export type A = 1;', 'internal.ts': 'export function b() {}' });
    expect(docCommentBreaches(tree)).toEqual([
      "packages/core/src/mod.ts: 'A' has no doc comment where it is declared",
      "packages/core/src/internal.ts: 'b' has no doc comment where it is declared",
    ]);
  });

  test('need front doors that list their names', () => {
    const tree = treeWith({ 'mod.ts': "export * from './a.ts';\nexport default 1;", 'a.ts': DOCUMENTED });
    expect(docCommentBreaches(tree)).toEqual([
      "packages/core/src/mod.ts: 'export *'; list the names",
      'packages/core/src/mod.ts: a default export; give it a name',
    ]);
  });
});
