// ApiQube plugins on our engines.
import { contentAddress, type HostDoor, type HostReply, type PluginSource } from '@plugbay/core';
import { createInlineRuntime, createWorkerRuntime } from '@plugbay/wasm';
import { guest } from '../../guests.ts';
import type { Contender } from '../../row.ts';
import { calling, callingLater, RESPONSE, TEST } from './work.ts';

/** Our side: a plugin that answers at once. */
export async function ours(): Promise<Contender> {
  const plugin = await createInlineRuntime().open(await source(), { tenant: 'bench', door: DOOR });
  const execute = plugin.fn('execute');
  return calling(
    () => execute.callSync(TEST).bytes,
    () => plugin.close(),
  );
}

/** The same on a thread of ours. */
export async function ourThread(): Promise<Contender> {
  const runtime = createWorkerRuntime();
  const plugin = await runtime.open(await source(), { tenant: 'bench', door: DOOR });
  return callingLater(
    () => plugin.call('execute', TEST),
    () => runtime.close(),
  );
}

async function source(): Promise<PluginSource> {
  const bytes = await guest('apiqube');
  return { name: 'apiqube', digest: contentAddress(bytes), bytes };
}

const callSync = (): HostReply => ({ bytes: RESPONSE });

const DOOR: HostDoor = {
  mode: () => 'sync',
  callSync,
  call: async () => callSync(),
  authorise: () => undefined,
};
