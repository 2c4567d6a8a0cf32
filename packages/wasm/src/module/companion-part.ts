// What of a companion a plugin's module needs.
import type { ShapedModule } from '../binary/merge.ts';
import { type ModuleShape, readModuleShape } from '../binary/module-shape.ts';
import { OWN_POLICY } from '../binary/policy.ts';
import { pruneModule } from '../binary/prune.ts';
import type { Companion } from './companion.ts';

// Plugins of one toolchain import the same names, so that there are few different parts.
const KEPT_PARTS = 32;

interface Known {
  readonly whole: ShapedModule;
  readonly parts: Map<string, ShapedModule>;
}

const knownOf = new WeakMap<Companion, Known>();

/** What of a companion a module of this shape needs. */
export function companionPart(companion: Companion, { imports }: ModuleShape): ShapedModule {
  const { namespace, names, exports } = companion.plan;
  const wanted = imports.filter(({ module, name }) => module === namespace && names.includes(name));
  const needed = new Set([...wanted.map(({ name }) => name), ...exports]);
  const key = [...needed].sort().join();
  const { whole, parts } = known(companion);
  const kept = parts.get(key);
  if (kept !== undefined) return kept;
  const part = pruneModule(whole, needed);
  if (parts.size < KEPT_PARTS) parts.set(key, part);
  return part;
}

function known(companion: Companion): Known {
  let found = knownOf.get(companion);
  if (found === undefined) {
    const { bytes } = companion;
    found = { whole: { bytes, shape: readModuleShape(bytes, OWN_POLICY) }, parts: new Map() };
    knownOf.set(companion, found);
  }
  return found;
}
