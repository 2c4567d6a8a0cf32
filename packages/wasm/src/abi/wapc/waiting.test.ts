// waPC on a thread that may be blocked: both forms of the one import that waits, and nothing else, are handed to the thread.
import { DEFAULT_LIMITS, type HostReply, PlugbayError, systemClock } from '@plugbay/core';
import { expect, it, vi } from 'vitest';
import { asking, laterDoor, reply } from '../../../test/wapc/contract/open.ts';
import { wapcGuest } from '../../../test/wapc/guests.ts';
import { INLINE_POLICY } from '../../binary/policy.ts';
import type { FunctionType } from '../../binary/types.ts';
import { surround } from '../../engine/surround.ts';
import { compileModule } from '../../module/compile.ts';
import { startNow } from '../starting.ts';
import { SuspendableCall } from '../suspendable-call.ts';
import type { AnsweredImport, Waiting } from '../waiting.ts';
import { GuestMemory } from './guest-memory.ts';
import { wapcAbi } from './wapc.ts';

/** A thread that takes one of the forms for all imports, and keeps what it was asked for. */
function oneForm(form: keyof AnsweredImport): Waiting & { types: FunctionType[] } {
  const thread: Pick<Waiting, 'imports' | 'either'> & { types: FunctionType[] } = {
    imports: {},
    types: [],
    either(type, { now, later }) {
      thread.types.push(type);
      return form === 'now' ? now : new WebAssembly.Suspending(later);
    },
  };
  // Without what only WASI asks of it.
  return thread as ReturnType<typeof oneForm>;
}

/** The one instance of the guest in C on such a thread, whose host calls `answer` answers. */
async function started(form: keyof AnsweredImport, answer: () => HostReply) {
  const bytes = await wapcGuest();
  const waiting = oneForm(form);
  const door = { ...laterDoor(answer), callSync: answer };
  const surroundings = surround({ name: 'sample', bytes }, { tenant: 'acme', door }, systemClock);
  const environment = Object.assign(surroundings, { waiting });
  const main = await compileModule(bytes, INLINE_POLICY, { memoryPages: DEFAULT_LIMITS.memoryPages });
  const linked = wapcAbi().link({ main, links: new Map() }, environment);
  const instance = startNow(linked.start(new SuspendableCall(environment, {})));
  return { waiting, linked, instance, call: new SuspendableCall(environment, {}) };
}

it('what ends the call while it waits for the host is no error that the guest can live with', async () => {
  const { instance, call } = await started('now', () => {
    throw call.failed(new PlugbayError('timeout', 'too late'));
  });
  const respond = vi.spyOn(GuestMemory.prototype, 'copy');
  expect(() => instance.invoke('host_ignored', asking(), call)).toThrow('too late');
  expect(instance.spent).toBe(true);
  // The payload of the host call, and no response.
  expect(respond).toHaveBeenCalledTimes(1);
  respond.mockRestore();
});

it.each(['now', 'later'] as const)('a guest is answered %s', async (form) => {
  const { waiting, linked, instance, call } = await started(form, () => reply(form));
  expect(linked.asynchronous).toEqual(['wapc.__host_call']);
  expect(waiting.types.map(({ parameters, results }) => [parameters.length, results])).toEqual([
    [8, ['i32']],
  ]);

  const answered =
    form === 'now'
      ? instance.invoke('host', asking(), call)
      : await instance.invokeAsync('host', asking(), call);
  expect(Buffer.from(answered).toString()).toBe(form);
  expect(instance.spent).toBe(false);
});
