// The guest's HTTP: `http_request` is the host call (`plugbay`, `http`, `request`). The head of its payload is the guest's own JSON,
// unread; whoever answers reads it.
import { type HostReply, isPlugbayError, PlugbayError } from '@plugbay/core';
import { decodeHttpReply, HTTP_CALL, type HttpCallReply, joinHttpCall } from '@plugbay/io';
import { resuming } from '../suspension.ts';
import type { HostCaller, HostCallName } from './host-call.ts';
import type { KernelImports } from './kernel.ts';
import { answer, bytesArgument, type InstanceState } from './state.ts';

/** The host call that answers `http_request`. */
export const HTTP_REQUEST: HostCallName = HTTP_CALL;

type Blocks = [request: number, requestLength: number, body: number, bodyLength: number];

/** The kernel's `http_request` for one instance: it answers with the offset of a block with the response's body. */
export function httpImport(caller: HostCaller, state: InstanceState): KernelImports['http_request'] {
  const begin = (...[request, requestLength, body, bodyLength]: Blocks): Uint8Array => {
    state.httpStatus = 0;
    state.httpHeaders = '';
    const head = bytesArgument(state, 'http_request', request, requestLength);
    const content = bytesArgument(state, 'http_request', body, bodyLength);
    if (caller.mode === undefined) throw state.call.failed(notGranted());
    return joinHttpCall(head, content);
  };
  if (caller.mode !== 'async') return (...blocks) => finish(state, caller.now(state, begin(...blocks)));
  const resume = resuming(
    state,
    (reply: HostReply) => finish(state, reply),
    (thrown) => caller.refuse(state, thrown),
  );
  return new WebAssembly.Suspending((...blocks: Blocks) => resume(caller.later(state, begin(...blocks))));
}

function finish(state: InstanceState, reply: HostReply): number {
  if (reply.error !== undefined) {
    throw state.call.failed(new PlugbayError('unavailable', reply.error || 'the HTTP request failed'));
  }
  const { status, headers, body } = messageIn(state, reply.bytes);
  state.httpStatus = status;
  state.httpHeaders = headers === undefined ? '' : JSON.stringify(headers);
  return answer(state, body);
}

// Malformed is what the host's own capability said, so it is no fault of the guest's.
function messageIn(state: InstanceState, bytes: Uint8Array): HttpCallReply {
  try {
    return decodeHttpReply(bytes);
  } catch (thrown) {
    if (!isPlugbayError(thrown)) throw state.call.failed(thrown);
    throw state.call.failed(
      new PlugbayError('internal', `http_request: ${thrown.message}`, { cause: thrown }),
    );
  }
}

function notGranted(): PlugbayError {
  return new PlugbayError('denied', 'http_request: no http capability is granted to this plugin', {
    hint: 'Register an "http" capability and grant it to the plugin.',
  });
}
