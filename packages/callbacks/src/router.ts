// The router: finds the callback that answers a host call. It knows nothing of wasm, and of tenants only what a door was made with.
import {
  type HostCall,
  type HostDoor,
  type HostReply,
  isPlugbayError,
  messageOf,
  PlugbayError,
} from '@plugbay/core';
import { type Grant, isGranted } from './grant.ts';

/** Who makes a host call; settled when its door is made, so a plugin cannot say otherwise. */
export interface Caller {
  readonly tenant: string;
  /** The plugin's name. */
  readonly plugin: string;
}

/** Answers host calls of one operation at once. */
export interface SyncCallback {
  readonly namespace: string;
  readonly operation: string;
  readonly mode: 'sync';
  readonly answer: (call: HostCall, caller: Caller) => Uint8Array;
}

/** Answers host calls of one operation, eventually. */
export interface AsyncCallback {
  readonly namespace: string;
  readonly operation: string;
  readonly mode: 'async';
  readonly answer: (call: HostCall, caller: Caller) => Promise<Uint8Array>;
}

/** The host's function that answers a host call; its mode is declared, never guessed. */
export type Callback = SyncCallback | AsyncCallback;

/** Callbacks by namespace and operation, and doors to them. */
export class Router {
  readonly #callbacks = new Map<string, Callback>();

  /** Adds a callback. @throws PlugbayError `conflict` when the operation has one already. */
  register(callback: Callback): this {
    const key = keyOf(callback.namespace, callback.operation);
    if (this.#callbacks.has(key)) {
      throw new PlugbayError(
        'conflict',
        `${callback.namespace}.${callback.operation} has a callback already`,
      );
    }
    this.#callbacks.set(key, callback);
    return this;
  }

  /** A door for one caller, open as far as `grants` go. */
  door(caller: Caller, grants: readonly Grant[]): HostDoor {
    const find = (namespace: string, operation: string): Callback | undefined =>
      this.#callbacks.get(keyOf(namespace, operation));
    const authorise = (namespace: string, operation: string): void => {
      if (isGranted(grants, namespace, operation)) return;
      throw new PlugbayError('denied', `${namespace}.${operation} is not granted to this plugin`, {
        hint: `Grant it with { capability: ${JSON.stringify(namespace)}, operations: [${JSON.stringify(operation)}] }.`,
      });
    };
    const pick = ({ namespace, operation }: HostCall): Callback => {
      // Denied comes first, so that a plugin cannot find out what exists.
      authorise(namespace, operation);
      const callback = find(namespace, operation);
      if (callback === undefined)
        throw new PlugbayError('not_found', `nobody answers ${namespace}.${operation}`);
      return callback;
    };
    const waits = (callback: Callback): boolean =>
      callback.mode === 'async' && isGranted(grants, callback.namespace, callback.operation);
    return {
      mode: (namespace, operation) => find(namespace, operation)?.mode,
      asynchronous: [...this.#callbacks.values()].some(waits),
      authorise,
      callSync: (call) => answerSync(pick(call), call, caller),
      call: async (call) => answer(pick(call), call, caller),
    };
  }
}

function answerSync(callback: Callback, call: HostCall, caller: Caller): HostReply {
  if (callback.mode === 'async') {
    throw new PlugbayError('unsupported', `${call.namespace}.${call.operation} answers asynchronously only`);
  }
  return {
    bytes: checked(
      call,
      attempt(call, () => callback.answer(call, caller)),
    ),
  };
}

async function answer(callback: Callback, call: HostCall, caller: Caller): Promise<HostReply> {
  if (callback.mode === 'sync') return answerSync(callback, call, caller);
  try {
    return { bytes: checked(call, await callback.answer(call, caller)) };
  } catch (error) {
    throw callbackError(call, error);
  }
}

function attempt(call: HostCall, run: () => Uint8Array): Uint8Array {
  try {
    return run();
  } catch (error) {
    throw callbackError(call, error);
  }
}

// A sync callback that hands back a promise was declared wrongly; its promise must not end as an unhandled rejection.
function checked(call: HostCall, bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes instanceof Promise) bytes.catch(() => undefined);
  throw new PlugbayError(
    'internal',
    `the callback of ${call.namespace}.${call.operation} returned no Uint8Array`,
    {
      hint: 'Return the answer as bytes, and register callbacks that return promises with mode "async".',
    },
  );
}

function callbackError(call: HostCall, error: unknown): PlugbayError {
  if (isPlugbayError(error)) return error;
  return new PlugbayError(
    'internal',
    `the callback of ${call.namespace}.${call.operation} failed: ${messageOf(error)}`,
    {
      cause: error,
    },
  );
}

// A namespace may contain dots and colons, so they cannot part the two.
function keyOf(namespace: string, operation: string): string {
  return `${namespace}\u0000${operation}`;
}
