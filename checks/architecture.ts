// The table of layers in docs/architecture.md lists the packages that exist, no more and no fewer.

import { readLayerTable, TABLE_FILE } from './layer-table.ts';
import { readWorkspaces } from './workspace.ts';

/** Every package without a row and every row without a package. */
export function architectureBreaches(root: string): string[] {
  const layers = readLayerTable(root);
  if (layers.size === 0) return [`${TABLE_FILE}: has no table of layers`];
  const names = readWorkspaces(root, ['packages/*']).map(({ manifest }) => manifest.name);
  return [
    ...names.filter((name) => !layers.has(name)).map((name) => `${TABLE_FILE}: the table lacks ${name}`),
    ...[...layers.keys()]
      .filter((name) => !names.includes(name))
      .map((name) => `${TABLE_FILE}: the table lists ${name}, which is not in packages/`),
  ];
}
