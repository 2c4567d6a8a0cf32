// One request from its first byte to the last of its answer: hop after hop, within a deadline and a cap.
import { isPlugbayError, messageOf, PlugbayError, systemClock } from '@plugbay/core';
import { readBody } from './http-body.ts';
import {
  type Hop,
  type HopAnswer,
  type HttpRequest,
  type HttpResponse,
  nameOf,
  type SendHop,
} from './http-message.ts';
import { locationOf, movedTo, type RedirectRule } from './http-redirect.ts';

/** How the hops of a request are made. */
export interface ExchangeRules {
  readonly send: SendHop;
  readonly maxRedirects: number;
  readonly redirect: RedirectRule;
  /** Looks at a hop before it is made, and at the URL that led to it. @throws PlugbayError when it must not be. */
  readonly admit?: (url: URL, from: URL | undefined) => void;
}

/**
 * Sends `request` hop by hop and reads the whole answer of the last one.
 * @throws PlugbayError `unavailable` (no answer, or a part of one), `timeout`, `canceled`, `limit` (body over `maxBytes`),
 * `unsupported` (not HTTP), or what the rules throw.
 */
export async function exchange(request: HttpRequest, rules: ExchangeRules): Promise<HttpResponse> {
  const late = new AbortController();
  // Not AbortSignal.timeout, which would keep its timer for as long after the answer.
  const timer = systemClock.timer(Math.max(request.timeoutMs, 0), () => late.abort());
  const signal = request.signal === undefined ? late.signal : AbortSignal.any([late.signal, request.signal]);
  try {
    return await untilAborted(answered(request, rules, signal), signal);
  } catch (cause) {
    throw requestError(request, late.signal.aborted, cause);
  } finally {
    timer.cancel();
  }
}

// Whatever hops are made with, not every part of it looks at the signal: undici does not while it connects.
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function answered(
  request: HttpRequest,
  rules: ExchangeRules,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { status, statusText, headers, body } = await follow(request, rules, signal);
  return { status, statusText, headers, bytes: await readBody(body, request.maxBytes, nameOf(request.url)) };
}

async function follow(request: HttpRequest, rules: ExchangeRules, signal: AbortSignal): Promise<HopAnswer> {
  const { url, method = 'GET', headers = {}, body } = request;
  let hop: Hop = { url, method, headers, body };
  const most = request.redirects === 'manual' ? 0 : (request.redirects ?? rules.maxRedirects);
  let from: URL | undefined;
  for (let redirects = 0; redirects <= most; redirects++) {
    requireHttp(request.url, hop.url);
    rules.admit?.(hop.url, from);
    // Some would still connect.
    signal.throwIfAborted();
    const answer = await rules.send(hop, signal);
    const location = request.redirects === 'manual' ? undefined : locationOf(answer);
    const next = location === undefined ? undefined : rules.redirect(hop, answer.status);
    if (location === undefined || next === undefined) return answer;
    await answer.body?.cancel();
    from = hop.url;
    hop = movedTo(next, location);
  }
  throw new PlugbayError('unavailable', `${nameOf(url)} redirects more than ${most} times`);
}

function requireHttp(first: URL, url: URL): void {
  if (url.protocol === 'http:' || url.protocol === 'https:') return;
  throw new PlugbayError('unsupported', `${nameOf(first)} leads to ${url.protocol}, which is not HTTP`);
}

function requestError(request: HttpRequest, isLate: boolean, cause: unknown): PlugbayError {
  if (isPlugbayError(cause)) return cause;
  const what = `${request.method ?? 'GET'} ${nameOf(request.url)}`;
  if (request.signal?.aborted) return new PlugbayError('canceled', `${what} was canceled`, { cause });
  if (isLate)
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
