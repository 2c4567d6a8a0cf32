// ApiQube plugins on our inline engine.
import { contentAddress, type HostDoor, type HostReply } from '@plugbay/core';
import { createInlineRuntime } from '@plugbay/wasm';
import { guest } from '../../guests.ts';
import type { Contender } from '../../row.ts';
import { calling, RESPONSE, TEST } from './work.ts';

/** Our side: a plugin that answers at once. */
export async function ours(): Promise<Contender> {
  const bytes = await guest('apiqube');
  const source = { name: 'apiqube', digest: contentAddress(bytes), bytes };
  const plugin = await createInlineRuntime().open(source, { tenant: 'bench', door: DOOR });
  const execute = plugin.fn('execute');
  return calling(
    () => execute.callSync(TEST).bytes,
    () => plugin.close(),
  );
}

const callSync = (): HostReply => ({ bytes: RESPONSE });

const DOOR: HostDoor = {
  mode: () => 'sync',
  callSync,
  call: async () => callSync(),
  authorise: () => undefined,
};
