// A module that becomes a part of a plugin's own: it answers some of its imports.
import type { MergePlan } from '../binary/merge.ts';

/** Such a module, and how it is merged in. */
export interface Companion {
  /** A module of ours; it is not guarded. */
  readonly bytes: Uint8Array;
  readonly plan: Omit<MergePlan, 'caps'>;
}
