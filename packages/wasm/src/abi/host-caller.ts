// Host calls of one name: they go through the door, charged to the call during which the plugin asks.
import { isUint8Array } from 'node:util/types';
import type { HostCall, HostReply } from '@plugbay/core';
import type { Environment } from './environment.ts';
import type { Serving } from './suspension.ts';
import { hostError } from './trap.ts';

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

  constructor({ door }: Pick<Environment, 'door'>, name: HostCallName) {
    this.#door = door;
    this.#name = name;
    this.mode = door.mode(name.namespace, name.operation);
  }

  /** Asks, and gets the answer at once. @throws PlugbayError what the door throws, `limit`. */
  now(state: Serving, payload: Uint8Array): HostReply {
    const call = this.#begin(state, payload);
    try {
      return requireReply(this.#door.callSync(call));
    } catch (thrown) {
      return this.refuse(state, thrown);
    }
  }

  /** Asks, and gets a promise of the answer. @throws PlugbayError `limit`, and what the door throws at once. */
  later(state: Serving, payload: Uint8Array): Promise<HostReply> {
    const call = this.#begin(state, payload);
    try {
      return this.#door.call(call).then(requireReply);
    } catch (thrown) {
      return this.refuse(state, thrown);
    }
  }

  /** What a rejected {@link later} comes to. */
  refuse({ call }: Serving, thrown: unknown): never {
    const { namespace, operation } = this.#name;
    throw call.failed(hostError(`host call ${namespace}.${operation}`, thrown));
  }

  #begin({ call }: Serving, payload: Uint8Array): HostCall {
    call.countHostCall();
    const { invocation, context, signal } = call;
    return { ...this.#name, payload, invocation, context, signal };
  }
}

/**
 * The reply, when it is one: the app's own code answers, and a guest must not get what is none.
 * @throws TypeError, which is not for the guest to catch.
 */
export function requireReply(reply: HostReply): HostReply {
  const { bytes, error } = reply;
  if (isUint8Array(bytes) && (error === undefined || typeof error === 'string')) return reply;
  throw new TypeError('the answer must be { bytes: Uint8Array, error?: string }');
}
