// HTTP to servers that somebody else named: only hosts that a policy allows, at every redirect, at addresses that were checked.
import { PlugbayError, systemClock } from '@plugbay/core';
import type { Agent } from 'undici';
import type { HostPolicy } from './host-policy.ts';
import { agentWithin } from './http-agent.ts';
import { askedOf } from './http-asked.ts';
import { type ConnectRules, networkRules, type Resolve, refusalOfAddress } from './http-connect.ts';
import { sendBy } from './http-dispatch.ts';
import { exchange } from './http-exchange.ts';
import { byFetch } from './http-fetch.ts';
import { type Hop, type HopAnswer, type HttpRequest, type HttpResponse, nameOf } from './http-message.ts';
import { followAsFetch } from './http-redirect.ts';

// 10: as many as the HTTP libraries follow that plugins are used to.
const MAX_REDIRECTS = 10;

/** How a client is made. */
export interface HttpClientOptions {
  /** Which hosts it may ask; see `hostPolicy`. */
  readonly hosts: HostPolicy;
  /** Resolves names. @default the machine's own resolver */
  readonly resolve?: Resolve | undefined;
  /**
   * Sends the hops in place of connections of the client's own, just as they were asked, and decodes answers as it likes. Hosts are
   * checked all the same, but nobody sees which address a fetch connects to: for patterns, only a host that is an IP address is.
   */
  readonly fetch?: typeof fetch | undefined;
}

/** Sends requests within one policy. It keeps its own connections, so whoever must share none has its own client. */
export interface HttpClient extends AsyncDisposable {
  /**
   * Sends a request and reads the whole answer, decoded. Redirects are followed as fetch does, each hop under the policy; from
   * https to http they are refused. Credentials, also those in the URL, stay within the origin. The answer's header fields
   * have 16 KiB at most, together. Proxies that the environment names are not used, because they would resolve names themselves.
   * @throws PlugbayError `denied` (the policy), `unavailable` (no answer, or a part of one; the client is closed), `timeout`,
   * `canceled` (also by closing), `limit` (body over `maxBytes`), `unsupported` (not HTTP, or an unknown encoding).
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Takes no new requests, gives the running ones `drainMs` milliseconds (default 0), and closes every connection. Of several
   * calls the one that is up first decides.
   */
  close(options?: { readonly drainMs?: number | undefined }): Promise<void>;
}

/** A client that connects to nothing until it is asked; it keeps no process alive. */
export function createHttpClient({ hosts, resolve, fetch }: HttpClientOptions): HttpClient {
  return new GuardedClient(networkRules(hosts, resolve), fetch);
}

/** {@link HttpClient} over any network. */
export class GuardedClient implements HttpClient {
  readonly #rules: ConnectRules;
  readonly #fetch: typeof fetch | undefined;
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #agent: Promise<Agent> | undefined;
  #closed: Promise<void> | undefined;

  constructor(rules: ConnectRules, send?: typeof fetch) {
    this.#rules = rules;
    this.#fetch = send;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    if (this.#closed !== undefined) throw new PlugbayError('unavailable', 'the HTTP client is closed');
    const running = this.#exchange(request);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async close({ drainMs = 0 }: { readonly drainMs?: number | undefined } = {}): Promise<void> {
    const timer = systemClock.timer(drainMs, () => this.#closing.abort());
    this.#closed ??= this.#end();
    await this.#closed;
    timer.cancel();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #exchange(request: HttpRequest): Promise<HttpResponse> {
    const { hosts } = this.#rules;
    const { url, signal } = request;
    return exchange(
      {
        ...askedOf(request),
        signal: AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]),
      },
      {
        send: (hop, aborted) => this.#send(hop, aborted),
        maxRedirects: MAX_REDIRECTS,
        redirect: followAsFetch,
        admit: (to, from) => admit(hosts, url, to, from),
      },
    );
  }

  async #send(hop: Hop, signal: AbortSignal): Promise<HopAnswer> {
    if (this.#fetch !== undefined) return sendUnconnected(this.#rules, this.#fetch, hop, signal);
    this.#agent ??= agentWithin(this.#rules);
    return sendBy(await this.#agent, hop, signal);
  }

  async #end(): Promise<void> {
    await Promise.allSettled(this.#running);
    await (await this.#agent)?.destroy();
  }
}

function sendUnconnected(
  rules: ConnectRules,
  send: typeof fetch,
  hop: Hop,
  signal: AbortSignal,
): Promise<HopAnswer> {
  const refused = refusalOfAddress(rules, hop.url.hostname);
  if (refused !== undefined) throw refused;
  // fetch refuses a GET with a body and a URL with credentials, which are in the headers by now.
  const body = hop.method === 'GET' ? undefined : hop.body;
  const url = Object.assign(new URL(hop.url), { username: '', password: '' });
  return byFetch(send)({ ...hop, url, body }, signal);
}

function admit(hosts: HostPolicy, first: URL, to: URL, from: URL | undefined): void {
  const request = `HTTP request to "${nameOf(first)}" is not allowed`;
  if (hosts.reach(to.hostname) === undefined) {
    const why =
      from === undefined
        ? `(no allowedHosts match "${to.hostname}")`
        : `(it leads to "${to.hostname}", and no allowedHosts match that)`;
    throw new PlugbayError('denied', `${request} ${why}`, {
      hint: `Add "${to.hostname}" to the allowed hosts.`,
    });
  }
  if (from?.protocol === 'https:' && to.protocol === 'http:') {
    throw new PlugbayError('denied', `${request} (it leads from https to http at "${to.hostname}")`);
  }
}
