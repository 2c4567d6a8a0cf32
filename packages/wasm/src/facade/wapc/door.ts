// The door of a plugin that the app opens by itself: it leads to the app's one callback.
import { isUint8Array } from 'node:util/types';
import {
  type HostCall as Call,
  type HostDoor,
  type HostFunction,
  type HostReply,
  isAsynchronous,
  PlugbayError,
} from '@plugbay/core';
import { isThenable } from '../../abi/suspension.ts';
import { HostCallNotImplementedError } from './errors.ts';
import type { Frame } from './frame.ts';
import type { HostCall } from './types.ts';

/** Host calls of one plugin. */
export class CallbackDoor implements HostDoor {
  readonly asynchronous: boolean;
  readonly #callback: HostCall;

  /** `callback` answers; without one, nobody does. */
  constructor(callback: HostCall = refuse) {
    this.#callback = callback;
    // What it is called with does not matter here.
    this.asynchronous = isAsynchronous(callback as unknown as HostFunction);
  }

  mode(): 'sync' | 'async' {
    return this.asynchronous ? 'async' : 'sync';
  }

  callSync(call: Call): HostReply {
    return replyOf(call, this.#ask(call));
  }

  async call(call: Call): Promise<HostReply> {
    return replyOf(call, await this.#ask(call));
  }

  /** Whoever opens a plugin by itself decides by giving it a callback. */
  authorise(): void {}

  #ask({ link, namespace, operation, payload }: Call): unknown {
    return this.#callback(link, namespace, operation, payload);
  }
}

// What is no answer goes on as it is, and ends the call; here it is remembered in the words of the callback's author.
function replyOf({ context, namespace, operation }: Call, answer: unknown): HostReply {
  if (!isUint8Array(answer) && context !== undefined)
    (context as Frame).refused ??= noAnswer(`${namespace}.${operation}`, answer);
  if (isThenable(answer)) answer.then(undefined, () => undefined);
  return { bytes: answer as Uint8Array };
}

function noAnswer(name: string, answer: unknown): PlugbayError {
  if (!isThenable(answer)) {
    const kind = answer === null ? 'null' : typeof answer;
    return new PlugbayError(
      'internal',
      `the host call ${name} was answered with ${kind === 'object' ? 'another object' : kind}, not with a Uint8Array`,
    );
  }
  return new PlugbayError('unsupported', `the host call ${name} was answered with a promise`, {
    hint: 'Make the callback an async function, or declare it with asynchronous() of @plugbay/core.',
  });
}

function refuse(binding: string, namespace: string, operation: string): never {
  throw new HostCallNotImplementedError(binding, namespace, operation);
}
