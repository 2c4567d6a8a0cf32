// The cap: rewrites how far a module's memories and tables may grow, so that V8 itself keeps them there.

import { START_EXPORT } from './added-names.ts';
import type { Caps } from './capped-limits.ts';
import { editModule } from './edit.ts';
import type { ModuleShape } from './module-shape.ts';
import { startOf } from './start.ts';

export type { Caps } from './capped-limits.ts';

/**
 * The module with its maxima lowered to `caps` and without its custom sections, except that `custom` may keep the names of
 * functions, and that its start function becomes {@link START_EXPORT}; all else is the same bytes. Growing
 * beyond a maximum answers -1, as it does in every host. The module must have passed the guard.
 * @throws PlugbayError `limit` when its memories start larger than the cap, `invalid` when it exports that name itself.
 */
export function capModule(
  bytes: Uint8Array,
  shape: ModuleShape,
  caps: Caps,
  custom: 'none' | 'name' = 'none',
): Uint8Array {
  const start = startOf(bytes, shape);
  if (start === undefined) return editModule(bytes, shape, { custom, caps });
  const exports = [{ name: START_EXPORT, kind: 'function', index: start }] as const;
  return editModule(bytes, shape, { custom, caps, exports, start: 'none' });
}
