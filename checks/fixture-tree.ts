// Small trees in a temporary folder, for checks to be tried on.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** This repository. */
export const REPOSITORY: string = dirname(import.meta.dirname);

/** A table of layers as in docs/architecture.md, for fixtures with these packages. */
export const LAYER_TABLE = `
| layer | package | what lives there | may import |
|---|---|---|---|
| 0 | \`@plugbay/core\` | contracts | nothing |
| 1 | \`@plugbay/io\` | files | core |
| 2 | \`@plugbay/wasm\` | modules | core, io |
| 2 | \`@plugbay/loader\` | bytes | core, io |
| – | \`@plugbay/testing\` | fixtures | all |
`;

/** Writes files (path → text) into a new folder that goes away when the current test ends; answers the folder. */
export function writeTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'plugbay-check-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** A package.json with the front doors `.` and `./internal`. */
export function manifest(name: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ name, exports: { '.': {}, './internal': {} }, ...more });
}
