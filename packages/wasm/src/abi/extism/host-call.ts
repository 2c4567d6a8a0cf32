// Host calls: an import from block to block that the app did not provide as a host function goes through the door.
import { isUint8Array } from 'node:util/types';
import type { HostCall, HostReply } from '@plugbay/core';
import type { Environment } from '../environment.ts';
import { resuming } from '../suspension.ts';
import { hostError } from '../trap.ts';
import { answer, type ImportMaker, type InstanceState, noBlock } from './state.ts';

const EMPTY = new Uint8Array(0);

/** What a plugin asks for: the name of a host call. */
export interface HostCallName {
  readonly link: string;
  readonly namespace: string;
  readonly operation: string;
}

/** Makes host calls of one name. What the door throws is the call's failure, whatever the guest does with it. */
export class HostCaller {
  /** How the door answers; undefined when nobody does. */
  readonly mode: 'sync' | 'async' | undefined;
  readonly #door: Environment['door'];
  readonly #name: HostCallName;

  constructor({ door }: Environment, name: HostCallName) {
    this.#door = door;
    this.#name = name;
    this.mode = door.mode(name.namespace, name.operation);
  }

  /** Asks, and gets the answer at once. @throws PlugbayError what the door throws, `limit`. */
  now(state: InstanceState, payload: Uint8Array): HostReply {
    const call = this.#begin(state, payload);
    try {
      return requireReply(this.#door.callSync(call));
    } catch (thrown) {
      return this.refuse(state, thrown);
    }
  }

  /** Asks, and gets a promise of the answer. @throws PlugbayError `limit`, and what the door throws at once. */
  later(state: InstanceState, payload: Uint8Array): Promise<HostReply> {
    const call = this.#begin(state, payload);
    try {
      return this.#door.call(call).then(requireReply);
    } catch (thrown) {
      return this.refuse(state, thrown);
    }
  }

  /** What a rejected {@link later} comes to. */
  refuse({ call }: InstanceState, thrown: unknown): never {
    const { namespace, operation } = this.#name;
    throw call.failed(hostError(`host call ${namespace}.${operation}`, thrown));
  }

  #begin({ call }: InstanceState, payload: Uint8Array): HostCall {
    call.countHostCall();
    const { invocation, context, signal } = call;
    return { ...this.#name, payload, invocation, context, signal };
  }
}

// The app's own code answers: a guest must not get what is none, nor be told of it by an error that it can catch.
function requireReply(reply: HostReply): HostReply {
  const { bytes, error } = reply;
  if (isUint8Array(bytes) && (error === undefined || typeof error === 'string')) return reply;
  throw new TypeError('the answer must be { bytes: Uint8Array, error?: string }');
}

/** The import that makes a host call: the guest hands over a block and gets one back, with the Extism error set if there is one. */
export function hostCallImport(caller: HostCaller, namespace: string, operation: string): ImportMaker {
  const name = `${namespace}.${operation}`;
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
  if (caller.mode !== 'async')
    return (state) => (handle: bigint) => finish(state, caller.now(state, payloadOf(state, handle)));
  return (state) => {
    const resume = resuming(
      state,
      (reply: HostReply) => finish(state, reply),
      (thrown) => caller.refuse(state, thrown),
    );
    return new WebAssembly.Suspending((handle: bigint) =>
      resume(caller.later(state, payloadOf(state, handle))),
    );
  };
}

function setError(state: InstanceState, message: string): void {
  try {
    state.exchange.setError(message);
  } catch (error) {
    throw state.call.failed(error);
  }
}
