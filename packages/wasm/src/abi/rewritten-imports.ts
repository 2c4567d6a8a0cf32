// What a module imports because it was rewritten, beside what it imports by itself.

import { TICK } from '../binary/added-names.ts';
import type { FunctionType } from '../binary/types.ts';
import type { Environment } from './environment.ts';
import type { Serving } from './suspension.ts';
import type { Waiting } from './waiting.ts';

type ImportObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const TICK_TYPE: FunctionType = { parameters: [], results: ['i32'] };
const END = 0;

/** More fuel for a metered module, and on a thread that may be blocked what guests look up by. */
export function rewrittenImports({ metered, waiting }: Environment, state: Serving): ImportObject {
  const own = waiting?.imports ?? {};
  if (!metered) return own;
  const tick = (): number => state.call.tick();
  const given = waiting === undefined ? tick : waiting.either(TICK_TYPE, lookingUp(waiting, tick));
  return { ...own, [TICK.module]: { ...own[TICK.module], [TICK.name]: given } };
}

// A metered module has no look at the flag: it looks up when it comes for fuel.
function lookingUp(waiting: Waiting, now: () => number): { now: () => number; later: () => unknown } {
  const goOn = (answer: number): number => (answer === END ? END : now());
  const later = (): number | Promise<number> => {
    const answer = waiting.lookUp();
    return typeof answer === 'number' ? goOn(answer) : answer.then(goOn);
  };
  return { now, later };
}
