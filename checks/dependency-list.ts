// dependencies.md lists every direct dependency with its licence, no more and no fewer.

import { hasFile, readText, readWorkspaces } from './workspace.ts';

const LIST_FILE = 'dependencies.md';
const ROW = /^\|\s*`([^`]+)`\s*\|[^|]*\|\s*([^|]+?)\s*\|/;

/** Every dependency without a row, every row without a dependency, and every licence that the package itself does not state. */
export function dependencyListBreaches(root: string): string[] {
  const listed = readList(root);
  const direct = directDependencies(root);
  return [
    ...[...direct].filter((name) => !listed.has(name)).map((name) => `${LIST_FILE}: lacks ${name}`),
    ...[...listed.keys()]
      .filter((name) => !direct.has(name))
      .map((name) => `${LIST_FILE}: lists ${name}, on which nothing depends`),
    ...[...listed].flatMap(([name, licence]) => licenceBreach(root, name, licence)),
  ];
}

function readList(root: string): Map<string, string> {
  const rows = readText(root, LIST_FILE)
    .split('\n')
    .map((line) => ROW.exec(line));
  return new Map(rows.flatMap((row) => (row === null ? [] : [[row[1] ?? '', row[2] ?? '']])));
}

function directDependencies(root: string): Set<string> {
  const workspaces = readWorkspaces(root, ['.', 'packages/*', 'examples/*', 'bench']);
  const own = new Set(workspaces.map(({ manifest }) => manifest.name));
  const names = workspaces.flatMap(({ manifest }) =>
    Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }),
  );
  return new Set(names.filter((name) => !own.has(name)));
}

function licenceBreach(root: string, name: string, licence: string): string[] {
  const file = ['', 'bench/']
    .map((at) => `${at}node_modules/${name}/package.json`)
    .find((at) => hasFile(root, at));
  if (file === undefined) return [];
  const { license } = JSON.parse(readText(root, file)) as { license?: string };
  return license === licence
    ? []
    : [`${LIST_FILE}: says ${licence} of ${name}, which says ${license} of itself`];
}
