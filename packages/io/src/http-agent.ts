// The connections of an HTTP client, within its policy and within bounds.
import type { Agent } from 'undici';
import { type ConnectRules, checkedConnector } from './http-connect.ts';

// 10 s: an attempt to connect outlives the request that wanted it, and a host that drops packets would keep it for minutes.
const CONNECT_TIMEOUT_MS = 10_000;
// 128: more than a plugin has calls in flight, and few enough for a server to bear.
const CONNECTIONS_PER_ORIGIN = 128;
// 16 KiB: what Node itself reads, and more than servers in use send.
const RESPONSE_HEADERS_MAX_BYTES = 16 * 1024;
// 60 s: a server may ask to keep an idle connection for longer, but it is not the server's memory.
const KEEP_ALIVE_MAX_MS = 60_000;

/** An agent of undici that connects to nothing until it is asked, and leaves the policy never. */
export async function agentWithin(rules: ConnectRules): Promise<Agent> {
  // It takes longer to load than all of the rest, and most processes never ask.
  const { Agent, buildConnector } = await import('undici');
  // HTTP/1.1 only, whose limits are those above.
  const connect = checkedConnector(rules, (lookup) =>
    buildConnector({ lookup, allowH2: false, timeout: CONNECT_TIMEOUT_MS }),
  );
  return new Agent({
    connect,
    allowH2: false,
    connections: CONNECTIONS_PER_ORIGIN,
    maxHeaderSize: RESPONSE_HEADERS_MAX_BYTES,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
    // The request's own deadline covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
