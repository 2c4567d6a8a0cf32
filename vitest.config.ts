// How the tests run: from the sources of every package, so that no test sees a stale build.

import { defineConfig } from 'vitest/config';

// The first is ours: every package's "exports" name their sources under it. The rest are Vite's own defaults.
const conditions = ['@plugbay/source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'examples/*/src/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'checks/**/*.test.ts',
    ],
    testTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
