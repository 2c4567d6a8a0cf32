// Hops by a fetch, Node's own or one that was injected.
import type { SendHop } from './http-message.ts';

/** Asks by `send`, and adds nothing to what was asked. */
export function byFetch(send: typeof fetch): SendHop {
  return ({ url, method, headers, body }, signal) => {
    const init: RequestInit = { method, headers, signal, redirect: 'manual' };
    return send(url, body === undefined ? init : { ...init, body });
  };
}
