// Host calls: an import from block to block that the app did not provide as a host function goes through the door.
import { type HostReply, isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';
import type { Environment } from '../environment.ts';
import { answer, type ImportMaker, type InstanceState, noBlock } from './state.ts';

const EMPTY = new Uint8Array(0);

/** Makes host calls of one name; what the door throws is the call's failure, whatever the guest does with it. */
export function hostCall(
  { door }: Environment,
  namespace: string,
  operation: string,
): (state: InstanceState, payload: Uint8Array) => HostReply {
  return ({ call }, payload) => {
    call.countHostCall();
    const { invocation, context, signal } = call;
    try {
      return door.callSync({ link: '', namespace, operation, payload, invocation, context, signal });
    } catch (cause) {
      throw call.failed(
        isPlugbayError(cause)
          ? cause
          : new PlugbayError('internal', `host call ${namespace}.${operation}: ${messageOf(cause)}`, {
              cause,
            }),
      );
    }
  };
}

/** The import that makes a host call: the guest hands over a block and gets one back, with the Extism error set if there is one. */
export function hostCallImport(environment: Environment, namespace: string, operation: string): ImportMaker {
  const call = hostCall(environment, namespace, operation);
  const name = `${namespace}.${operation}`;
  return (state) => (handle: bigint) => {
    const payload = handle === 0n ? EMPTY : state.exchange.read(handle);
    if (payload === undefined) throw noBlock(state, name, handle);
    const reply = call(state, payload);
    if (reply.error !== undefined) setError(state, reply.error || `${name} failed`);
    return BigInt(answer(state, reply.bytes));
  };
}

function setError(state: InstanceState, message: string): void {
  try {
    state.exchange.setError(message);
  } catch (error) {
    throw state.call.failed(error);
  }
}
