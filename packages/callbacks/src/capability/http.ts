// The capability `http`: plugins ask web servers, as far as the operator says.
import { isIPv6 } from 'node:net';
import { PlugbayError } from '@plugbay/core';
import {
  answerHttpCall,
  createHttpClient,
  type HttpCallLimits,
  hostPolicy,
  type Resolve,
  resolveHttpCallLimits,
} from '@plugbay/io';
import { HTTP_CALL } from '@plugbay/io/http-call';
import type { AsyncCallback } from '../router.ts';
import { HttpClients } from './http-clients.ts';

/** What plugins may ask for over HTTP. */
export interface HttpCapabilityOptions extends HttpCallLimits {
  /**
   * Hosts without scheme and port: names (`api.example.com`), which may be anywhere, and patterns (`*.example.com`), which may be at
   * public addresses only. Nothing is allowed when it is empty.
   */
  readonly allowedHosts: readonly string[];
  /** Resolves names. @default the machine's own resolver */
  readonly resolve?: Resolve | undefined;
}

/** The callback of `http.request`, and the connections that it keeps. */
export interface HttpCapability extends AsyncCallback, AsyncDisposable {
  /** Ends the requests that are under way, and closes every connection. */
  close(): Promise<void>;
}

/**
 * Answers the host call (`plugbay`, `http`, `request`); register it with a router and close it when the router is done with. Every
 * redirect is held against `allowedHosts`, bodies and time are bounded, and tenants share no connections.
 * @throws PlugbayError `invalid` for an entry that is more than a host, or a limit that is not a positive whole number.
 */
export function httpCapability(options: HttpCapabilityOptions): HttpCapability {
  const { allowedHosts, resolve } = options;
  for (const entry of allowedHosts) requireHost(entry);
  const limits = resolveHttpCallLimits(options);
  const hosts = hostPolicy(allowedHosts);
  const clients = new HttpClients(() => createHttpClient({ hosts, resolve }), limits.timeoutMs);
  const close = (): Promise<void> => clients.close();
  return {
    namespace: HTTP_CALL.namespace,
    operation: HTTP_CALL.operation,
    mode: 'async',
    answer: async (call, { tenant }) => answerHttpCall(clients.of(tenant), limits)(call),
    close,
    [Symbol.asyncDispose]: close,
  };
}

// It would match nothing, and the operator would not know why.
function requireHost(entry: string): void {
  if (!/[\s/@]|:\d*$/.test(entry) || isIPv6(entry)) return;
  throw new PlugbayError('invalid', `allowedHosts: "${entry}" is more than a host`, {
    hint: 'Leave out the scheme, the port and the path.',
  });
}
