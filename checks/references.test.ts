import { describe, expect, test } from 'vitest';
import { manifest, REPOSITORY, writeTree } from './fixture-tree.ts';
import { referenceBreaches } from './references.ts';

const CORE = {
  'packages/core/package.json': manifest('@plugbay/core'),
  'packages/core/tsconfig.json': '{}',
};
const NO_REFERENCES = '{ "references": [] }';
const DEPENDS_ON_CORE = { dependencies: { '@plugbay/core': '0.1.0' } };
const REFERS_TO_CORE = '{ "references": [{ "path": "../core" }] }';

describe('references', () => {
  test('hold in this repository', () => {
    expect(referenceBreaches(REPOSITORY)).toEqual([]);
  });

  test('accept an import that is declared and referred to', () => {
    const tree = writeTree({
      ...CORE,
      'packages/io/package.json': manifest('@plugbay/io', DEPENDS_ON_CORE),
      'packages/io/tsconfig.json': REFERS_TO_CORE,
      'packages/io/src/a.ts': "import '@plugbay/core';",
    });
    expect(referenceBreaches(tree)).toEqual([]);
  });

  test('find an import that package.json does not declare', () => {
    const tree = writeTree({
      ...CORE,
      'packages/io/package.json': manifest('@plugbay/io'),
      'packages/io/tsconfig.json': NO_REFERENCES,
      'packages/io/src/a.ts': "import '@plugbay/core/internal';",
    });
    expect(referenceBreaches(tree)).toEqual([
      "packages/io/src/a.ts:1: imports '@plugbay/core/internal', which package.json does not declare",
    ]);
  });

  test('let only tests use what package.json declares for development', () => {
    const tree = writeTree({
      ...CORE,
      'packages/io/package.json': manifest('@plugbay/io', { devDependencies: { '@plugbay/core': '0.1.0' } }),
      'packages/io/tsconfig.json': NO_REFERENCES,
      'packages/io/src/a.test.ts': "import '@plugbay/core';",
      'packages/io/src/a.ts': "import '@plugbay/core';",
    });
    expect(referenceBreaches(tree)).toEqual([
      "packages/io/src/a.ts:1: imports '@plugbay/core', which package.json does not declare",
    ]);
  });

  test('leave an example in AssemblyScript alone', () => {
    const tree = writeTree({
      ...CORE,
      'examples/plugin/package.json': manifest('plugin', { dependencies: { assemblyscript: '1.0.0' } }),
      'examples/plugin/src/a.ts': '@external("a", "b") declare function c(): i32;',
    });
    expect(referenceBreaches(tree)).toEqual([]);
  });

  test('find a reference that is missing and one that is too many', () => {
    const tree = writeTree({
      ...CORE,
      'packages/io/package.json': manifest('@plugbay/io', DEPENDS_ON_CORE),
      'packages/io/tsconfig.json': NO_REFERENCES,
      'packages/wasm/package.json': manifest('@plugbay/wasm'),
      'packages/wasm/tsconfig.json': REFERS_TO_CORE,
    });
    expect(referenceBreaches(tree)).toEqual([
      'packages/io/tsconfig.json: lacks a reference to packages/core',
      'packages/wasm/tsconfig.json: refers to packages/core, no dependency',
    ]);
  });
});
