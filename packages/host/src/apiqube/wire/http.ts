// HTTP as a plugin asks its host for it, in JSON with bodies in base64.
import { PlugbayError } from '@plugbay/core';
import { flag, map, object, type Reader, readJson, text, whole } from './json.ts';

/** A request that a plugin makes. */
export interface HTTPRequest {
  /** Empty for `GET`. */
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Milliseconds for all of it; 0 or less when the plugin says nothing. */
  readonly timeout_ms: number;
  /** False when a redirect is itself the answer. */
  readonly follow_redirects: boolean;
  /** Requests, the first among them, after which one redirect more is an error; 0 or less when the plugin says nothing. */
  readonly max_redirects: number;
}

/** What its host answers. What is empty is absent. */
export interface HTTPResponse {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  /** Whole milliseconds from the request to the last byte of its answer, or to the failure. */
  readonly duration_ms: number;
  /** Why there is no answer. */
  readonly error?: string | undefined;
}

// 256 KiB: a URL and headers, which servers take 8 to 16 KiB of, and the names of the fields.
const HEAD_MAX_BYTES = 256 * 1024;

const NOT_BASE64 = /[^A-Za-z\d+/]/;

// Padded, as Go's decoder wants it, which passes over line ends.
const base64: Reader<Uint8Array> = (value, path) => {
  const encoded = text(value, path).replace(/[\r\n]/g, '');
  const bare = encoded.replace(/={1,2}$/, '');
  if (encoded.length % 4 === 0 && !NOT_BASE64.test(bare)) return Buffer.from(bare, 'base64');
  throw new PlugbayError('invalid', `${path} must be base64`);
};
const followed: Reader<boolean> = (value, path) => value === null || flag(value, path);

const HTTP_REQUEST: Reader<HTTPRequest> = object({
  method: text,
  url: text,
  headers: map(text),
  body: base64,
  timeout_ms: whole,
  follow_redirects: followed,
  max_redirects: whole,
});

/**
 * What a plugin asks for, with a body of `maxBodyBytes` bytes at most.
 * @throws PlugbayError `invalid`, `limit` (the body, or 256 KiB of all else).
 */
export function decodeHttpRequest(bytes: Uint8Array, maxBodyBytes: number): HTTPRequest {
  const encodedBytes = Math.ceil(maxBodyBytes / 3) * 4;
  const request = readJson(bytes, HEAD_MAX_BYTES + encodedBytes, HTTP_REQUEST);
  if (request.body.length <= maxBodyBytes) return request;
  throw new PlugbayError('limit', `its body has ${request.body.length} bytes, more than ${maxBodyBytes}`);
}

/** What the plugin gets for it. */
export function encodeHttpResponse({ status, headers, body, duration_ms, error }: HTTPResponse): Uint8Array {
  const encoded =
    body === undefined || body.length === 0
      ? undefined
      : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64');
  return new TextEncoder().encode(JSON.stringify({ status, headers, body: encoded, duration_ms, error }));
}
