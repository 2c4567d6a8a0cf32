// The request in an HTTP host call: {"url": …, "method"?: …, "headers"?: {…}} and its body.
import { decodeJson, isPlugbayError, PlugbayError } from '@plugbay/core';
import { joinHttpCall, splitHttpCall } from './http-call-frame.ts';
import { headersIn, isObject, shown } from './http-call-headers.ts';

/** A request as a plugin makes it. */
export interface HttpCallRequest {
  readonly url: URL;
  /** In upper case. */
  readonly method: string;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a plugin says to make one. */
export interface HttpCallDraft {
  readonly url: string | URL;
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
}

// `header` is what the Extism SDK for JavaScript also takes.
const FIELDS: ReadonlySet<string> = new Set(['url', 'method', 'headers', 'header']);
const METHOD = /^[!#$%&'*+.^_`|~\dA-Z-]+$/;
// These ask the connection for something, not the server.
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);
const EMPTY = new Uint8Array(0);

/** The payload of the host call. What it says is not looked at: that is for whoever answers. */
export function encodeHttpRequest({ url, method, headers, body = EMPTY }: HttpCallDraft): Uint8Array {
  return joinHttpCall(new TextEncoder().encode(JSON.stringify({ url, method, headers })), body);
}

/**
 * The request in the payload of the host call; the body is a view of it.
 * @throws PlugbayError `invalid` when the message is malformed or too long, its head is not a JSON object with a URL, or it has an
 * unknown field, a method or a header that must not be sent.
 */
export function decodeHttpRequest(payload: Uint8Array): HttpCallRequest {
  try {
    const { head, body } = splitHttpCall(payload);
    return { ...requestIn(decodeJson(head)), body };
  } catch (error) {
    if (!isPlugbayError(error)) throw error;
    throw new PlugbayError('invalid', `the HTTP request is malformed: ${error.message}`, { cause: error });
  }
}

function requestIn(head: unknown): Omit<HttpCallRequest, 'body'> {
  if (!isObject(head)) throw new PlugbayError('invalid', 'its head is no object');
  const unknown = Object.keys(head).find((field) => !FIELDS.has(field));
  if (unknown !== undefined)
    throw new PlugbayError('invalid', `its head has an unknown field ${shown(unknown)}`);
  const { url, method, headers, header } = head;
  if (isPresent(headers) && isPresent(header)) {
    throw new PlugbayError('invalid', 'its head has both "headers" and "header"');
  }
  return { url: urlIn(url), method: methodIn(method ?? 'GET'), headers: headersIn(headers ?? header ?? {}) };
}

// Some plugins' libraries write null for what they leave out.
function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function urlIn(value: unknown): URL {
  if (typeof value !== 'string') throw new PlugbayError('invalid', 'its head has no "url"');
  const url = URL.parse(value);
  if (url === null) throw new PlugbayError('invalid', `${shown(value)} is no URL`);
  return url;
}

function methodIn(value: unknown): string {
  const method = typeof value === 'string' ? value.toUpperCase() : '';
  if (METHOD.test(method) && !FORBIDDEN_METHODS.has(method)) return method;
  throw new PlugbayError('invalid', `${shown(String(value))} is no method that can be sent`);
}
