// waPC plugins on our inline engine.
import { contentAddress, type HostCall, type HostDoor, type HostReply } from '@plugbay/core';
import { createInlineRuntime } from '@plugbay/wasm';
import { guest } from '../../guests.ts';
import type { Contender } from '../../row.ts';
import { answer, calling, type Work } from './work.ts';

/** Our side: a plugin that answers at once. */
export async function ours(work: Work): Promise<Contender> {
  const bytes = await guest('wapc');
  const source = { name: 'wapc', digest: contentAddress(bytes), bytes };
  const plugin = await createInlineRuntime().open(source, { tenant: 'bench', door: DOOR });
  const run = plugin.fn(work.operation);
  return calling(
    work,
    () => run.callSync(work.input).bytes,
    () => plugin.close(),
  );
}

const callSync = ({ link, namespace, operation, payload }: HostCall): HostReply => ({
  bytes: answer(link, namespace, operation, payload),
});

const DOOR: HostDoor = {
  mode: () => 'sync',
  callSync,
  call: async (call) => callSync(call),
  authorise: () => undefined,
};
