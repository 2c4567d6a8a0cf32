// Imports run downward only: a package imports packages of lower layers, through their front doors.

import { posix } from 'node:path';
import { moduleReferences } from './imports.ts';
import { type Layer, readLayerTable, TABLE_FILE } from './layer-table.ts';
import { isTest, isTypeScript, readText, readWorkspaces, type Workspace } from './workspace.ts';

/** Every import between workspaces that goes sideways, upward, to a package for tests, or past a package's front doors. */
export function layerBreaches(root: string): string[] {
  const layers = readLayerTable(root);
  const packages = readWorkspaces(root, ['packages/*']);
  const consumers = readWorkspaces(root, ['examples/*', 'bench']).filter(isTypeScript);
  const byName = new Map(packages.map((workspace) => [workspace.manifest.name, workspace]));

  const breaches: string[] = [];
  for (const importer of [...packages, ...consumers]) {
    const { name } = importer.manifest;
    const layer = packages.includes(importer) ? layers.get(name) : 'any';
    if (layer === undefined) {
      breaches.push(`${importer.folder}: ${name} has no row in the table of ${TABLE_FILE}`);
      continue;
    }
    for (const file of importer.sources) {
      for (const { specifier, line } of moduleReferences(file, readText(root, file))) {
        const why = specifier.startsWith('.')
          ? leavesItsWorkspace(importer, file, specifier)
          : forbidden({ importer, file, layer, specifier, byName, layers });
        if (why !== undefined) breaches.push(`${file}:${line}: imports '${specifier}': ${why}`);
      }
    }
  }
  return breaches;
}

function leavesItsWorkspace(importer: Workspace, file: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(file), specifier);
  if (target.startsWith(`${importer.folder}/`)) return undefined;
  return 'a relative path stays inside its own package';
}

interface Import {
  readonly importer: Workspace;
  readonly file: string;
  readonly layer: Layer;
  readonly specifier: string;
  readonly byName: ReadonlyMap<string, Workspace>;
  readonly layers: ReadonlyMap<string, Layer>;
}

function forbidden({ importer, file, layer, specifier, byName, layers }: Import): string | undefined {
  const { name, door } = splitSpecifier(specifier);
  const target = byName.get(name);
  if (target === undefined) return name.startsWith('@plugbay/') ? 'there is no such package' : undefined;
  if (target.manifest.exports?.[door] === undefined) return `"exports" of ${name} have no "${door}"`;

  if (target === importer) return isTest(file) ? undefined : 'inside a package, paths are relative';

  const targetLayer = layers.get(name);
  if (targetLayer === 'any') {
    return isTest(file) || importer.folder === 'bench'
      ? undefined
      : 'only tests and benchmarks may import it';
  }
  if (layer === 'any' || (targetLayer !== undefined && targetLayer < layer)) return undefined;
  return `layer ${layer} may import only lower layers, and ${name} is layer ${targetLayer ?? 'unknown'}`;
}

/** `@plugbay/io/internal` → `@plugbay/io` and the door `./internal`. */
function splitSpecifier(specifier: string): { name: string; door: string } {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  return { name: parts.slice(0, length).join('/'), door: ['.', ...parts.slice(length)].join('/') };
}
