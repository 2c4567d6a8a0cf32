// HTTP with bounds: every request has a deadline, every body a cap, and credentials do not follow a redirect to another origin.
import { isPlugbayError, messageOf, PlugbayError } from '@plugbay/core';

// 5: more hops than any sane service takes, and a loop ends at once.
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);
// The longest delay that a timer keeps; it fires at once for a longer one.
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** One request. */
export interface HttpRequest {
  readonly url: URL;
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Milliseconds for all of it: connecting, redirects, the whole body. Fractions are rounded up; 24 days at most. */
  readonly timeoutMs: number;
  /** Bytes of the answer's body at most. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** @default globalThis.fetch */
  readonly fetch?: typeof fetch | undefined;
}

/** One answer, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/**
 * Sends a request and reads the whole answer; redirects of a GET are followed. Answers are asked for unencoded, because fetch takes
 * a gzip stream that ends early for a whole one.
 * @throws PlugbayError `unavailable` (no answer, or a part of one), `timeout`, `canceled`, `limit` (body over `maxBytes`),
 * `unsupported` (not HTTP, or an encoded answer).
 */
export async function sendRequest(request: HttpRequest): Promise<HttpResponse> {
  const deadline = AbortSignal.timeout(
    Math.ceil(Math.min(Math.max(request.timeoutMs, 0), LONGEST_TIMEOUT_MS)),
  );
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  try {
    const response = await follow(request, signal);
    const bytes = await readBody(response, request);
    return { status: response.status, statusText: response.statusText, headers: response.headers, bytes };
  } catch (cause) {
    throw requestError(request, deadline, cause);
  }
}

async function follow(request: HttpRequest, signal: AbortSignal): Promise<Response> {
  const send = request.fetch ?? globalThis.fetch;
  const method = request.method ?? 'GET';
  let url = request.url;
  let headers: Readonly<Record<string, string>> = { 'accept-encoding': 'identity', ...request.headers };
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    requireHttp(request, url);
    const init: RequestInit = { method, headers, signal, redirect: 'manual' };
    const response = await send(url, request.body === undefined ? init : { ...init, body: request.body });
    const location = response.headers.get('location');
    if (method !== 'GET' || location === null || !REDIRECTS.has(response.status)) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    if (next.origin !== url.origin) headers = withoutCredentials(headers);
    url = next;
  }
  throw new PlugbayError('unavailable', `${nameOf(request.url)} redirects more than ${MAX_REDIRECTS} times`);
}

function requireHttp(request: HttpRequest, url: URL): void {
  if (url.protocol === 'http:' || url.protocol === 'https:') return;
  throw new PlugbayError('unsupported', `${nameOf(request.url)} leads to ${url.protocol}, which is not HTTP`);
}

// A query or a user part may be a secret, and messages end in logs.
function nameOf(url: URL): string {
  return url.origin === 'null' ? url.protocol : `${url.origin}${url.pathname}`;
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())));
}

async function readBody(response: Response, { maxBytes, url }: HttpRequest): Promise<Uint8Array> {
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (response.body !== null && encoding !== 'identity') {
    await response.body.cancel();
    throw new PlugbayError(
      'unsupported',
      `the answer of ${nameOf(url)} is encoded as ${encoding}, which was not asked for`,
    );
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new PlugbayError('limit', `the answer of ${nameOf(url)} is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function requestError(request: HttpRequest, deadline: AbortSignal, cause: unknown): PlugbayError {
  if (isPlugbayError(cause)) return cause;
  const what = `${request.method ?? 'GET'} ${nameOf(request.url)}`;
  if (request.signal?.aborted) return new PlugbayError('canceled', `${what} was canceled`, { cause });
  if (deadline.aborted)
    return new PlugbayError('timeout', `${what} took longer than ${request.timeoutMs} ms`, { cause });
  return new PlugbayError('unavailable', `${what} failed: ${reasonOf(cause)}`, {
    cause,
    hint: 'Check that the server runs and can be reached from here.',
  });
}

// fetch says only "fetch failed"; the reason is one level down, and two where a name has several addresses.
function reasonOf(thrown: unknown): string {
  const reason = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  return reason instanceof AggregateError ? reason.errors.map(messageOf).join(', ') : messageOf(reason);
}
