// What a caller asks of an HTTP client, as it is sent.
import querystring from 'node:querystring';
import type { HttpRequest } from './http-message.ts';

// What HTTP itself needs is set here. A `host` of the caller's own would reach a host that the policy never saw, and framing of
// its own could make one connection tell two answers. They are left out as fetch leaves them out.
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The request with its method in upper case, the names of its headers in lower case, credentials of its URL in the headers, and
 * without what the client sets itself.
 */
export function askedOf(request: HttpRequest): HttpRequest {
  const { url, method = 'GET', headers = {}, body } = request;
  const upper = method.toUpperCase();
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    ...request,
    method: upper,
    headers: {
      ...credentialsIn(url),
      ...Object.fromEntries(named.filter(([name]) => !OWN_HEADERS.has(name))),
    },
    body: upper === 'HEAD' ? undefined : body,
  };
}

function credentialsIn({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const secret = Buffer.from(`${querystring.unescape(username)}:${querystring.unescape(password)}`).toString(
    'base64',
  );
  return { authorization: `Basic ${secret}` };
}
