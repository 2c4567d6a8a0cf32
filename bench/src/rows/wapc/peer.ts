// waPC plugins on the waPC project's own host for JavaScript.
import { instantiate } from '@wapc/host';
import { guest } from '../../guests.ts';
import type { Contender } from '../../row.ts';
import { answer, callingLater, type Work } from './work.ts';

/** The peer's side. It has no call that answers at once. */
export async function peer(work: Work): Promise<Contender> {
  const host = await instantiate(await guest('wapc'), answer);
  return callingLater(work, () => host.invoke(work.operation, work.input));
}
