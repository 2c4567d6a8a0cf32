// HTTP for the plugins of one client: connections that end with it, and begin anew when it is used again.
import {
  type Callback,
  type Caller,
  type HttpCapability,
  type HttpCapabilityOptions,
  httpCapability,
} from '@plugbay/callbacks';
import { type HostCall, PlugbayError } from '@plugbay/core';
import { decodeHttpRequest, HTTP_CALL } from '@plugbay/io/http-call';

/** The capability, and how many requests use it. */
interface Connections {
  readonly capability: HttpCapability;
  requests: number;
  retired: boolean;
}

/** Answers the HTTP requests of a client's plugins, within its `allowedHosts`. */
export class PluginHttp {
  /** To be registered with the client's host. */
  readonly callback: Callback;
  readonly #options: HttpCapabilityOptions;
  #connections: Connections | undefined;

  /** @throws PlugbayError `invalid` for a host or a limit that is none. */
  constructor(options: HttpCapabilityOptions) {
    const { namespace, operation } = HTTP_CALL;
    this.#options = options;
    this.#connections = connect(options);
    // Refused at once, so that plugins which could ask, and may not, are not made to wait for anything.
    this.callback =
      options.allowedHosts.length === 0
        ? { namespace, operation, mode: 'sync', answer: refuse }
        : { namespace, operation, mode: 'async', answer: (call, caller) => this.#answer(call, caller) };
  }

  /** Closes the connections once the requests that use them have ended. A request that comes later opens new ones. */
  async close(): Promise<void> {
    const connections = this.#connections;
    if (connections === undefined) return;
    this.#connections = undefined;
    connections.retired = true;
    await closeWhenUnused(connections);
  }

  async #answer(call: HostCall, caller: Caller): Promise<Uint8Array> {
    this.#connections ??= connect(this.#options);
    const connections = this.#connections;
    connections.requests++;
    try {
      return await connections.capability.answer(call, caller);
    } finally {
      connections.requests--;
      await closeWhenUnused(connections);
    }
  }
}

function connect(options: HttpCapabilityOptions): Connections {
  return { capability: httpCapability(options), requests: 0, retired: false };
}

async function closeWhenUnused({ capability, requests, retired }: Connections): Promise<void> {
  if (retired && requests === 0) await capability.close();
}

function refuse({ payload }: HostCall): never {
  const { hostname } = decodeHttpRequest(payload).url;
  throw new PlugbayError('denied', `HTTP request to "${hostname}" is not allowed (allowedHosts is empty)`, {
    hint: `Add "${hostname}" to the option allowedHosts.`,
  });
}
