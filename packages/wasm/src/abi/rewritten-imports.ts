// What a module imports because it was rewritten, beside what it imports by itself.
import { TICK } from '../module/compile.ts';
import type { Environment } from './environment.ts';
import type { Serving } from './suspension.ts';

type ImportObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** More fuel for a metered module, and on a thread that may be blocked what guests look up by. */
export function rewrittenImports({ metered, waiting }: Environment, state: Serving): ImportObject {
  const own = waiting?.imports ?? {};
  if (!metered) return own;
  return { ...own, [TICK.module]: { ...own[TICK.module], [TICK.name]: () => state.call.tick() } };
}
