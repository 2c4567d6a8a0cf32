// Answers HTTP host calls: what a plugin asks for, within what its host allows.
import { type HostCall, PlugbayError, systemClock } from '@plugbay/core';
import { encodeHttpReply } from './http-call-reply.ts';
import { decodeHttpRequest } from './http-call-request.ts';
import type { HttpClient } from './http-client.ts';
import { nameOf } from './http-message.ts';

/** What one HTTP host call may cost. Each is a positive whole number. */
export interface HttpCallLimits {
  /** Bytes of a request's body. @default 52428800, 50 MiB */
  readonly maxRequestBytes?: number | undefined;
  /** Bytes of an answer's body, decoded. @default 52428800, 50 MiB */
  readonly maxResponseBytes?: number | undefined;
  /** Milliseconds for all of it; the deadline of the plugin's invocation, when it is earlier, comes first. @default 30000 */
  readonly timeoutMs?: number | undefined;
}

/** {@link HttpCallLimits}, all of them. */
export type SettledHttpCallLimits = { readonly [Name in keyof HttpCallLimits]-?: number };

const DEFAULTS = {
  // 50 MiB: what the Extism runtime takes, so a plugin that works there works here.
  maxResponseBytes: 50 * 1024 * 1024,
  // 50 MiB: as much out as in.
  maxRequestBytes: 50 * 1024 * 1024,
  // 30 s: a server that says nothing for longer has lost the call, and the plugin is held up all the while.
  timeoutMs: 30_000,
} as const satisfies SettledHttpCallLimits;

/**
 * The defaults with `limits` laid over them.
 * @throws PlugbayError `invalid` for one that is not a positive whole number.
 */
export function resolveHttpCallLimits(limits: HttpCallLimits = {}): SettledHttpCallLimits {
  const settled = {
    maxRequestBytes: limits.maxRequestBytes ?? DEFAULTS.maxRequestBytes,
    maxResponseBytes: limits.maxResponseBytes ?? DEFAULTS.maxResponseBytes,
    timeoutMs: limits.timeoutMs ?? DEFAULTS.timeoutMs,
  };
  for (const [name, value] of Object.entries(settled)) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new PlugbayError('invalid', `${name} must be a positive whole number, not ${String(value)}`);
  }
  return settled;
}

/**
 * What answers the host call (`plugbay`, `http`, `request`) with `client`. It fails with PlugbayError `invalid` (the payload),
 * `limit` (either body), or as {@link HttpClient.request} does.
 * @throws PlugbayError `invalid` for a limit that is not a positive whole number.
 */
export function answerHttpCall(
  client: Pick<HttpClient, 'request'>,
  limits: HttpCallLimits = {},
): (call: HostCall) => Promise<Uint8Array> {
  const { maxRequestBytes, maxResponseBytes, timeoutMs } = resolveHttpCallLimits(limits);
  return async ({ payload, invocation, signal }) => {
    const { url, method, headers, body } = decodeHttpRequest(payload);
    if (body.length > maxRequestBytes) {
      const size = `has a body of ${body.length} bytes, more than ${maxRequestBytes}`;
      throw new PlugbayError('limit', `the HTTP request to ${nameOf(url)} ${size}`);
    }
    const left = (invocation.deadline ?? Infinity) - systemClock.now();
    const response = await client.request({
      url,
      method,
      headers,
      body: body.length === 0 ? undefined : body,
      timeoutMs: Math.min(timeoutMs, Math.max(left, 0)),
      maxBytes: maxResponseBytes,
      signal,
    });
    return encodeHttpReply(response);
  };
}
