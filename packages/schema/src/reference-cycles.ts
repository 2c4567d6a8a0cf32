// Types that refer to themselves, such as a tree.
import { type ExtensionSchema, referencedName } from './extension-schema.ts';
import { shapesOf } from './places.ts';

/** Cycles of references between types, each from a type back to itself; for every type at most one that ends in it. */
export function referenceCycles(schema: ExtensionSchema): string[][] {
  const references = new Map<string, Set<string>>();
  for (const { shape, type } of shapesOf(schema)) {
    const target = '$ref' in shape ? referencedName(shape.$ref) : undefined;
    if (type === undefined || target === undefined) continue;
    references.set(type, (references.get(type) ?? new Set()).add(target));
  }
  const cycles = new Map<string, string[]>();
  const finished = new Set<string>();
  const trail: string[] = [];
  const follow = (type: string): void => {
    const start = trail.indexOf(type);
    if (start !== -1) cycles.set(type, [...trail.slice(start), type]);
    if (start !== -1 || finished.has(type)) return;
    trail.push(type);
    for (const target of references.get(type) ?? []) follow(target);
    trail.pop();
    finished.add(type);
  };
  for (const type of references.keys()) follow(type);
  return [...cycles.values()];
}
