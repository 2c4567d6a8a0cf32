// A module that becomes a part of a plugin's own: it answers some of its imports.
import type { MergePlan } from '../binary/merge.ts';

/** How a companion is merged in. */
type CompanionPlan = Omit<MergePlan, 'caps' | 'keepNames'>;

/** Such a module, of our own: it is not guarded. */
export interface Companion {
  readonly bytes: Uint8Array;
  readonly plan: CompanionPlan;
}
