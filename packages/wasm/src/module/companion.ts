// A module that becomes a part of a plugin's own: it answers some of its imports.
import type { MergePlan, ShapedModule } from '../binary/merge.ts';
import { type ModuleShape, readModuleShape } from '../binary/module-shape.ts';
import { OWN_POLICY } from '../binary/policy.ts';
import { pruneModule } from '../binary/prune.ts';

/** How a companion is merged in. */
export type CompanionPlan = Omit<MergePlan, 'caps' | 'keepNames'>;

// Plugins of one toolchain import the same names, so that there are few different parts.
const KEPT_PARTS = 32;

/** Such a module, of our own: it is not guarded. */
export class Companion {
  readonly plan: CompanionPlan;
  readonly #bytes: Uint8Array;
  readonly #parts = new Map<string, ShapedModule>();
  #whole: ShapedModule | undefined;

  constructor(bytes: Uint8Array, plan: CompanionPlan) {
    this.#bytes = bytes;
    this.plan = plan;
  }

  /** What of it a module of this shape needs. */
  partFor({ imports }: ModuleShape): ShapedModule {
    const { namespace, names, exports } = this.plan;
    const wanted = imports.filter(({ module, name }) => module === namespace && names.includes(name));
    const needed = new Set([...wanted.map(({ name }) => name), ...exports]);
    const key = [...needed].sort().join();
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    this.#whole ??= { bytes: this.#bytes, shape: readModuleShape(this.#bytes, OWN_POLICY) };
    const part = pruneModule(this.#whole, needed);
    if (this.#parts.size < KEPT_PARTS) this.#parts.set(key, part);
    return part;
  }
}
