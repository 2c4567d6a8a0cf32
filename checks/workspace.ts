// The workspaces of a repository and their source files, as every check wants to see them.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of a package.json that the checks look at. */
interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** One workspace; all paths are relative to the repository's root, with forward slashes. */
export interface Workspace {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Every .ts file below `src`, tests included, and below `test`. */
  readonly sources: readonly string[];
}

/** Reads the workspaces whose folders match the patterns, in alphabetical order. */
export function readWorkspaces(root: string, patterns: readonly string[]): Workspace[] {
  return globSync(
    patterns.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  )
    .sort()
    .map((file) => {
      const folder = file.slice(0, -'/package.json'.length);
      return {
        folder,
        manifest: JSON.parse(readText(root, file)) as Manifest,
        sources: globSync(`${folder}/{src,test}/**/*.ts`, { cwd: root }).sort(),
      };
    });
}

/** The text of one file of the repository. */
export function readText(root: string, file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Whether the repository has this file. */
export function hasFile(root: string, file: string): boolean {
  return existsSync(join(root, file));
}

/** Whether the sources are TypeScript; an example plugin's are AssemblyScript, which only looks like it. */
export function isTypeScript({ manifest }: Workspace): boolean {
  return !('assemblyscript' in (manifest.dependencies ?? {}));
}

/** Whether a source file is a test, or in a `test` folder, which holds what several tests use. */
export function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || file.includes('/test/');
}
