// Answers a plugin that asks for HTTP: always with an answer that it can read, whatever goes wrong.
import { type Clock, type HostCall, messageOf, PlugbayError } from '@plugbay/core';
import type { HttpClient, HttpRequest, HttpResponse, SettledHttpCallLimits } from '@plugbay/io';
import { decodeHttpRequest, encodeHttpResponse, type HTTPRequest, type HTTPResponse } from './wire/http.ts';
import { shown } from './wire/json.ts';

/** With what requests are answered. */
export interface HttpAnswering {
  readonly client: Pick<HttpClient, 'request'>;
  readonly limits: SettledHttpCallLimits;
  readonly clock: Clock;
}

/** A request with a rule of its own for redirects. */
interface RedirectedRequest extends HttpRequest {
  /** How many are followed at most; `'manual'` for none, and a redirect is the answer. */
  readonly redirects?: number | 'manual' | undefined;
}

// 20: as many as browsers follow. A plugin may ask for fewer, and by default gets what the client follows.
const REDIRECTS_MAX = 20;

const METHOD = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
const HEADER_NAME = METHOD;
// A line end would begin a header that nobody looked at.
const CONTROL = /[^\t\P{Cc}]/u;

/**
 * The HTTPResponse for a call whose payload is an HTTPRequest, both in JSON. What fails is its `error`: `decode: …` for what is no
 * request, `build request: …` for one that cannot be sent, else what the client says.
 */
export async function answerHttpRequest(call: HostCall, answering: HttpAnswering): Promise<Uint8Array> {
  const { clock } = answering;
  const started = clock.monotonic();
  const answer = await answered(call, answering).catch((error: unknown) => failure(messageOf(error)));
  return encodeHttpResponse({ ...answer, duration_ms: Math.round(clock.monotonic() - started) });
}

/** The HTTPResponse of a plugin that must not ask. */
export function refuseHttpRequest(reason: string): Uint8Array {
  return encodeHttpResponse(failure(reason));
}

async function answered(call: HostCall, { client, limits, clock }: HttpAnswering): Promise<HTTPResponse> {
  const asked = named('decode', () => decodeHttpRequest(call.payload, limits.maxRequestBytes));
  const { url, method, headers } = named('build request', () => sendable(asked));
  const left = (call.invocation.deadline ?? Number.POSITIVE_INFINITY) - clock.now();
  const request: RedirectedRequest = {
    url,
    method,
    headers,
    body: asked.body.length === 0 ? undefined : asked.body,
    timeoutMs: Math.min(
      asked.timeout_ms > 0 ? asked.timeout_ms : limits.timeoutMs,
      limits.timeoutMs,
      Math.max(left, 0),
    ),
    maxBytes: limits.maxResponseBytes,
    redirects: redirectsOf(asked),
    signal: call.signal,
  };
  return responseOf(await client.request(request));
}

function sendable({
  url,
  method,
  headers,
}: HTTPRequest): Required<Pick<HttpRequest, 'url' | 'method' | 'headers'>> {
  const parsed = URL.parse(url);
  if (parsed === null) throw new PlugbayError('invalid', `${shown(url)} is no URL`);
  // It would open a tunnel, through which the plugin could reach what the policy does not see.
  if ((method !== '' && !METHOD.test(method)) || method.toUpperCase() === 'CONNECT') {
    throw new PlugbayError('invalid', `${shown(method)} is no method that can be sent`);
  }
  return { url: parsed, method: method === '' ? 'GET' : method, headers: headersToSend(headers) };
}

// The last spelling of a name wins, and values go as the UTF-8 that they are.
function headersToSend(headers: Readonly<Record<string, string>>): Record<string, string> {
  const sent = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name)) throw new PlugbayError('invalid', `${shown(name)} is no name of a header`);
    if (CONTROL.test(value)) {
      throw new PlugbayError('invalid', `the value of its header ${shown(name)} is none that HTTP can carry`);
    }
    sent.set(name.toLowerCase(), Buffer.from(value, 'utf8').toString('latin1'));
  }
  return Object.fromEntries(sent);
}

// `max_redirects` counts requests, the first one too: so does the reference host.
function redirectsOf({
  follow_redirects: follows,
  max_redirects: requests,
}: HTTPRequest): number | 'manual' | undefined {
  if (!follows) return 'manual';
  return requests > 0 ? Math.min(requests - 1, REDIRECTS_MAX) : undefined;
}

function responseOf({ status, headers, bytes }: HttpResponse): HTTPResponse {
  return { status, headers: receivedHeaders(headers), body: bytes, duration_ms: 0 };
}

/**
 * One value for each name: several of one header are joined by ", " as HTTP has it, but of `Set-Cookie`, where commas mean something
 * else, the first counts. Names are as Go spells them (`X-Trace-Id`), because plugins may look for exactly that.
 */
function receivedHeaders(headers: Headers): Record<string, string> {
  const [firstCookie] = headers.getSetCookie();
  const named = Object.fromEntries(headers);
  const all = firstCookie === undefined ? named : { ...named, 'set-cookie': firstCookie };
  const received = Object.entries(all).map(([name, value]) => [
    canonical(name),
    Buffer.from(value, 'latin1').toString('utf8'),
  ]);
  return Object.fromEntries(received);
}

function canonical(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

function failure(error: string): HTTPResponse {
  return { status: 0, duration_ms: 0, error };
}

function named<T>(step: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new PlugbayError('invalid', `${step}: ${messageOf(cause)}`, { cause });
  }
}
