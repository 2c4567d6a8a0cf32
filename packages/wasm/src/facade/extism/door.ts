// The door of a plugin that the app opens by itself: it leads to HTTP, within the hosts that are allowed, and nowhere else.
import { type HostCall, type HostDoor, type HostReply, isPlugbayError, PlugbayError } from '@plugbay/core';
import { answerHttpCall, createHttpClient, type HttpClient, hostPolicy } from '@plugbay/io';
import { decodeHttpReply, decodeHttpRequest, HTTP_CALL, joinHttpCall } from '@plugbay/io/http-call';
import { EXCHANGE_MAX_BYTES } from '../../abi/extism/exchange.ts';
import { type Frame, thrownIn } from './frame.ts';

// Five minutes, after which Node's own fetch gives up on a server that says nothing. A call's own limit comes first.
const REQUEST_MS = 300_000;

const encoder = new TextEncoder();

/** How a plugin may use HTTP. */
export interface HttpRules {
  readonly allowedHosts: readonly string[];
  /** Bytes of a response's body; undefined for as many as the plugin can take. */
  readonly maxResponseBytes: number | undefined;
  /** Whether the plugin sees the headers of responses. */
  readonly headers: boolean;
  /** Sends the requests. @default connections of its own */
  readonly fetch: typeof fetch | undefined;
}

/** HTTP for one plugin. */
export class HttpDoor implements HostDoor {
  readonly #rules: HttpRules;
  readonly #client: HttpClient | undefined;
  readonly #answer: ((call: HostCall) => Promise<Uint8Array>) | undefined;

  constructor(rules: HttpRules) {
    this.#rules = rules;
    const { allowedHosts, fetch, maxResponseBytes = EXCHANGE_MAX_BYTES } = rules;
    if (allowedHosts.length === 0) return;
    this.#client = createHttpClient({ hosts: hostPolicy(allowedHosts), fetch });
    this.#answer = answerHttpCall(this.#client, {
      maxRequestBytes: EXCHANGE_MAX_BYTES,
      maxResponseBytes,
      timeoutMs: REQUEST_MS,
    });
  }

  /** Asynchronous only for a plugin that may ask somebody: without hosts, its calls are synchronous all the way. */
  mode(namespace: string, operation: string): 'sync' | 'async' | undefined {
    if (namespace !== HTTP_CALL.namespace || operation !== HTTP_CALL.operation) return undefined;
    return this.#answer === undefined ? 'sync' : 'async';
  }

  callSync({ payload }: HostCall): HostReply {
    const { url } = decodeHttpRequest(payload);
    const shown = `${url.protocol}//${url.host}${url.pathname}`;
    throw new PlugbayError(
      'denied',
      `Call error: HTTP request to "${shown}" is not allowed (no allowedHosts match "${url.hostname}")`,
      { hint: `Add "${url.hostname}" to allowedHosts.` },
    );
  }

  async call(call: HostCall): Promise<HostReply> {
    if (this.#answer === undefined) return this.callSync(call);
    try {
      const bytes = await this.#answer(call);
      return { bytes: this.#rules.headers ? bytes : withoutHeaders(bytes) };
    } catch (error) {
      throw this.#failure(error, call);
    }
  }

  /** Whoever opens a plugin by itself decides by giving it functions. */
  authorise(): void {}

  /** Ends the requests that are under way. */
  async close(): Promise<void> {
    await this.#client?.close();
  }

  // Remembered as what the call rejects with, unless the call has ended for a reason of its own.
  #failure(error: unknown, { context, invocation, signal }: HostCall): unknown {
    if (!isPlugbayError(error) || signal.aborted) return error;
    if (error.code === 'timeout' && invocation.deadline !== undefined) return error;
    return thrownIn(context as Frame, this.#shown(error));
  }

  #shown(error: PlugbayError): unknown {
    if (error.code === 'denied')
      return new PlugbayError('denied', `Call error: ${error.message}`, { hint: error.hint, cause: error });
    // What the app's own fetch throws is what the call rejects with.
    const isOfFetch = this.#rules.fetch !== undefined && error.code === 'unavailable';
    return isOfFetch ? (error.cause ?? error) : error;
  }
}

function withoutHeaders(reply: Uint8Array): Uint8Array {
  const { status, body } = decodeHttpReply(reply);
  return joinHttpCall(encoder.encode(JSON.stringify({ status })), body);
}
