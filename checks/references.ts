// What a workspace imports, what its package.json declares and what its tsconfig.json refers to are the same packages.

import { posix } from 'node:path';
import { moduleReferences } from './imports.ts';
import { hasFile, isTest, isTypeScript, readText, readWorkspaces, type Workspace } from './workspace.ts';

/** Every workspace import that is not declared, and every tsconfig reference that is missing or too many. */
export function referenceBreaches(root: string): string[] {
  const workspaces = readWorkspaces(root, ['packages/*', 'examples/*', 'bench']).filter(isTypeScript);
  const byName = new Map(workspaces.map((workspace) => [workspace.manifest.name, workspace]));
  return workspaces.flatMap((workspace) => [
    ...undeclaredImports(root, workspace, byName),
    ...wrongReferences(root, workspace, byName),
  ]);
}

type ByName = ReadonlyMap<string, Workspace>;

function undeclaredImports(root: string, workspace: Workspace, byName: ByName): string[] {
  const breaches: string[] = [];
  for (const file of workspace.sources) {
    const declared = {
      ...buildDependencies(workspace),
      ...(isTest(file) ? workspace.manifest.devDependencies : {}),
    };
    for (const { specifier, line } of moduleReferences(file, readText(root, file))) {
      const name = [...byName.keys()].find(
        (known) => specifier === known || specifier.startsWith(`${known}/`),
      );
      if (name !== undefined && name !== workspace.manifest.name && declared[name] === undefined) {
        breaches.push(`${file}:${line}: imports '${specifier}', which package.json does not declare`);
      }
    }
  }
  return breaches;
}

function wrongReferences(root: string, workspace: Workspace, byName: ByName): string[] {
  const file = `${workspace.folder}/tsconfig.json`;
  if (!hasFile(root, file)) return [`${file}: is missing`];
  const { references = [] } = JSON.parse(readText(root, file)) as { references?: { path: string }[] };
  const present = references.map(({ path }) => posix.join(workspace.folder, path));
  const wanted = Object.keys(buildDependencies(workspace))
    .map((name) => byName.get(name)?.folder)
    .filter((folder) => folder !== undefined);
  return [
    ...wanted
      .filter((folder) => !present.includes(folder))
      .map((folder) => `${file}: lacks a reference to ${folder}`),
    ...present
      .filter((folder) => !wanted.includes(folder))
      .map((folder) => `${file}: refers to ${folder}, no dependency`),
  ];
}

/** What the sources may import. Nothing of the benchmarks is published, so theirs are development dependencies. */
function buildDependencies({ folder, manifest }: Workspace): Readonly<Record<string, string>> {
  return { ...manifest.dependencies, ...(folder === 'bench' ? manifest.devDependencies : {}) };
}
