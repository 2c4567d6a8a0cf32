import { describe, expect, test } from 'vitest';
import { LAYER_TABLE, manifest, REPOSITORY, writeTree } from './fixture-tree.ts';
import { layerBreaches } from './layers.ts';

/** A tree whose packages exist and in which one file holds the given source. */
function treeWith(file: string, source: string): string {
  return writeTree({
    'docs/architecture.md': LAYER_TABLE,
    'packages/core/package.json': manifest('@plugbay/core'),
    'packages/io/package.json': manifest('@plugbay/io'),
    'packages/wasm/package.json': manifest('@plugbay/wasm'),
    'packages/loader/package.json': manifest('@plugbay/loader'),
    'packages/testing/package.json': manifest('@plugbay/testing'),
    'examples/demo/package.json': manifest('demo'),
    'bench/package.json': manifest('@plugbay/bench'),
    [file]: source,
  });
}

describe('layers', () => {
  test('holds in this repository', () => {
    expect(layerBreaches(REPOSITORY)).toEqual([]);
  });

  test('lets a package import lower layers, Node and libraries', () => {
    const source = `
      import { readFile } from 'node:fs/promises';
      import ajv from 'ajv';
      import { a } from '@plugbay/core';
      export { b } from '@plugbay/io/internal';
      export * from './sister.ts';
    `;
    expect(layerBreaches(treeWith('packages/wasm/src/a.ts', source))).toEqual([]);
  });

  test.each([
    [
      "import '@plugbay/wasm';",
      '@plugbay/wasm',
      'layer 2 may import only lower layers, and @plugbay/wasm is layer 2',
    ],
    [
      "export { a } from '@plugbay/wasm/internal';",
      '@plugbay/wasm/internal',
      'layer 2 may import only lower layers, and @plugbay/wasm is layer 2',
    ],
    ["export type * from '@plugbay/none';", '@plugbay/none', 'there is no such package'],
    [
      "await import('@plugbay/core/src/mod.ts');",
      '@plugbay/core/src/mod.ts',
      '"exports" of @plugbay/core have no "./src/mod.ts"',
    ],
    [
      "export type A = import('../../core/src/a.ts').A;",
      '../../core/src/a.ts',
      'a relative path stays inside its own package',
    ],
    ["import { a } from '@plugbay/testing';", '@plugbay/testing', 'only tests and benchmarks may import it'],
  ])('finds %s', (statement, specifier, why) => {
    const file = 'packages/loader/src/a.ts';
    const tree = treeWith(file, `// For what it is.\n${statement}\n`);
    expect(layerBreaches(tree)).toEqual([`${file}:2: imports '${specifier}': ${why}`]);
  });

  test('finds an upward import of a test', () => {
    const file = 'packages/core/src/a.test.ts';
    expect(layerBreaches(treeWith(file, "import '@plugbay/io';"))).toEqual([
      `${file}:1: imports '@plugbay/io': layer 0 may import only lower layers, and @plugbay/io is layer 1`,
    ]);
  });

  test('lets only tests import their own package by its name', () => {
    const source = "import '@plugbay/io';";
    expect(layerBreaches(treeWith('packages/io/src/a.test.ts', source))).toEqual([]);
    expect(layerBreaches(treeWith('packages/io/src/a.ts', source))).toEqual([
      "packages/io/src/a.ts:1: imports '@plugbay/io': inside a package, paths are relative",
    ]);
  });

  test('lets tests and benchmarks import the package for tests, and examples not', () => {
    const source = "import '@plugbay/testing';";
    expect(layerBreaches(treeWith('packages/core/src/a.test.ts', source))).toEqual([]);
    expect(layerBreaches(treeWith('bench/src/a.ts', source))).toEqual([]);
    expect(layerBreaches(treeWith('examples/demo/src/a.ts', source))).toHaveLength(1);
  });

  test('lets the package for tests import everything', () => {
    expect(layerBreaches(treeWith('packages/testing/src/a.ts', "import '@plugbay/wasm';"))).toEqual([]);
  });

  test('finds a package without a row in the table', () => {
    const tree = treeWith('packages/new/package.json', manifest('@plugbay/new'));
    expect(layerBreaches(tree)).toEqual([
      'packages/new: @plugbay/new has no row in the table of docs/architecture.md',
    ]);
  });
});
