// The reply to an HTTP host call: {"status": …, "headers"?: {…}} and its body.
import { decodeJson, isPlugbayError, PlugbayError } from '@plugbay/core';
import { joinHttpCall, splitHttpCall } from './http-call-frame.ts';
import { isObject } from './http-call-headers.ts';
import type { HttpResponse } from './http-message.ts';

/** An answer as a plugin sees it. */
export interface HttpCallReply {
  /** 100 to 599, or what else a server says in three digits. */
  readonly status: number;
  /** Names are in lower case; undefined when the plugin must not see any. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly body: Uint8Array;
}

const STATUS_MIN = 100;
const STATUS_MAX = 999;

/**
 * The reply to the host call. Several values of one header are joined by ", " as HTTP allows, but those of `set-cookie`, in which
 * commas mean something else, by a line feed.
 */
export function encodeHttpReply({
  status,
  headers,
  bytes,
}: Pick<HttpResponse, 'status' | 'headers' | 'bytes'>): Uint8Array {
  const named = Object.fromEntries(headers);
  const cookies = headers.getSetCookie();
  const head = {
    status,
    headers: cookies.length === 0 ? named : { ...named, 'set-cookie': cookies.join('\n') },
  };
  return joinHttpCall(new TextEncoder().encode(JSON.stringify(head)), bytes);
}

/**
 * What the reply to the host call says; the body is a view of it.
 * @throws PlugbayError `invalid` when the message is malformed or too long, or its head is not a JSON object with a status.
 */
export function decodeHttpReply(reply: Uint8Array): HttpCallReply {
  try {
    const { head, body } = splitHttpCall(reply);
    return { ...answerIn(decodeJson(head)), body };
  } catch (error) {
    if (!isPlugbayError(error)) throw error;
    throw new PlugbayError('invalid', `the HTTP reply is malformed: ${error.message}`, { cause: error });
  }
}

function answerIn(head: unknown): Omit<HttpCallReply, 'body'> {
  if (!isObject(head)) throw new PlugbayError('invalid', 'its head is no object');
  const { status, headers } = head;
  const isStatus = Number.isInteger(status) && STATUS_MIN <= Number(status) && Number(status) <= STATUS_MAX;
  if (typeof status !== 'number' || !isStatus) throw new PlugbayError('invalid', 'its head has no status');
  return { status, headers: headers === undefined ? undefined : namedIn(headers) };
}

function namedIn(headers: unknown): Record<string, string> {
  if (!isObject(headers)) throw new PlugbayError('invalid', 'its headers are no object');
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return Object.fromEntries(named);
}
