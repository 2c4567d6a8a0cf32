// Host calls: an import from block to block that the app did not provide as a host function goes through the door.
import type { HostReply } from '@plugbay/core';
import type { ImportShape } from '../../binary/external.ts';
import type { FunctionType } from '../../binary/types.ts';
import type { Environment } from '../environment.ts';
import type { HostCaller } from '../host-caller.ts';
import { resuming } from '../suspension.ts';
import { waitingImport } from '../waiting.ts';
import { answer, type ImportMaker, type InstanceState, noBlock } from './state.ts';

const EMPTY = new Uint8Array(0);
const BLOCK_TO_BLOCK: FunctionType = { parameters: ['i64'], results: ['i64'] };

/** The import that makes a host call: the guest hands over a block and gets one back, with the Extism error set if there is one. */
export function hostCallImport(
  environment: Environment,
  caller: HostCaller,
  { module, name: operation }: ImportShape,
): ImportMaker {
  const name = `${module}.${operation}`;
  const payloadOf = (state: InstanceState, handle: bigint): Uint8Array => {
    state.call.chargeCopy(state.exchange.lengthOf(handle));
    const payload = handle === 0n ? EMPTY : state.exchange.read(handle);
    if (payload === undefined) throw noBlock(state, name, handle);
    return payload;
  };
  const finish = (state: InstanceState, reply: HostReply): bigint => {
    if (reply.error !== undefined) setError(state, reply.error || `${name} failed`);
    return BigInt(answer(state, reply.bytes));
  };
  return (state) => {
    const resume = resuming(
      state,
      (reply: HostReply) => finish(state, reply),
      (thrown) => caller.refuse(state, thrown),
    );
    return waitingImport(environment, caller.mode, BLOCK_TO_BLOCK, {
      now: (handle: bigint) => finish(state, caller.now(state, payloadOf(state, handle))),
      later: (handle: bigint) => resume(caller.later(state, payloadOf(state, handle))),
    });
  };
}

function setError(state: InstanceState, message: string): void {
  try {
    state.exchange.setError(message);
  } catch (error) {
    throw state.call.failed(error);
  }
}
