// HTTP to servers that the operator named: a deadline, a cap, and no credentials to another origin. Nothing checks where it leads.
import { PlugbayError } from '@plugbay/core';
import { exchange } from './http-exchange.ts';
import { byFetch } from './http-fetch.ts';
import { type HopBody, type HttpRequest, type HttpResponse, nameOf, type SendHop } from './http-message.ts';
import { followGet } from './http-redirect.ts';

// 5: more hops than any sane service takes, and a loop ends at once.
const MAX_REDIRECTS = 5;

/** A request by fetch. */
export interface FetchRequest extends HttpRequest {
  /** @default globalThis.fetch */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * Sends a request and reads the whole answer; redirects of a GET are followed. Answers are asked for unencoded, because fetch takes
 * a gzip stream that ends early for a whole one. For URLs that a plugin chose, use {@link createHttpClient}.
 * @throws PlugbayError `unavailable` (no answer, or a part of one), `timeout`, `canceled`, `limit` (body over `maxBytes`),
 * `unsupported` (not HTTP, or an encoded answer).
 */
export function sendRequest(request: FetchRequest): Promise<HttpResponse> {
  const { fetch: send = globalThis.fetch, ...asked } = request;
  const headers = { 'accept-encoding': 'identity', ...asked.headers };
  return exchange(
    { ...asked, headers },
    { send: unencoded(byFetch(send)), maxRedirects: MAX_REDIRECTS, redirect: followGet },
  );
}

function unencoded(send: SendHop): SendHop {
  return async (hop, signal) => {
    const answer = await send(hop, signal);
    const { status, statusText, headers, body } = answer;
    const encoding = headers.get('content-encoding') ?? 'identity';
    if (body === null || encoding === 'identity') return answer;
    return { status, statusText, headers, body: refusedBody(body, hop.url, encoding) };
  };
}

// Refused when it is read, because nobody reads the body of a redirect.
function refusedBody(body: HopBody, url: URL, encoding: string): HopBody {
  return {
    cancel: () => body.cancel(),
    // biome-ignore lint/correctness/useYield: it has nothing to give.
    async *[Symbol.asyncIterator]() {
      await body.cancel();
      throw new PlugbayError(
        'unsupported',
        `the answer of ${nameOf(url)} is encoded as ${encoding}, which was not asked for`,
      );
    },
  };
}
