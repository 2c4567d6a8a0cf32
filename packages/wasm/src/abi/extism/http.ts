// The guest's HTTP: `http_request` is the host call (`plugbay`, `http`, `request`). The head of its payload is the guest's own JSON,
// unread; whoever answers reads it.
import { type HostReply, isPlugbayError, PlugbayError } from '@plugbay/core';
import { decodeHttpReply, HTTP_CALL, type HttpCallReply, joinHttpCall } from '@plugbay/io/http-call';
import type { FunctionType } from '../../binary/types.ts';
import type { Environment } from '../environment.ts';
import type { HostCaller, HostCallName } from '../host-caller.ts';
import { resuming } from '../suspension.ts';
import { waitingImport } from '../waiting.ts';
import type { KernelImports } from './kernel.ts';
import { answer, bytesArgument, type InstanceState } from './state.ts';

/** The host call that answers `http_request`. */
export const HTTP_REQUEST: HostCallName = HTTP_CALL;

const TWO_BLOCKS_TO_BLOCK: FunctionType = { parameters: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] };

type Blocks = [request: number, requestLength: number, body: number, bodyLength: number];

/** The kernel's `http_request` for one instance: it answers with the offset of a block with the response's body. */
export function httpImport(
  environment: Environment,
  caller: HostCaller,
  state: InstanceState,
): KernelImports['http_request'] {
  const begin = (...[request, requestLength, body, bodyLength]: Blocks): Uint8Array => {
    state.httpStatus = 0;
    state.httpHeaders = '';
    const head = bytesArgument(state, 'http_request', request, requestLength);
    const content = bytesArgument(state, 'http_request', body, bodyLength);
    if (caller.mode === undefined) throw state.call.failed(notGranted());
    return joinHttpCall(head, content);
  };
  const resume = resuming(
    state,
    (reply: HostReply) => finish(state, reply),
    (thrown) => caller.refuse(state, thrown),
  );
  return waitingImport(environment, caller.mode, TWO_BLOCKS_TO_BLOCK, {
    now: (...blocks: Blocks) => finish(state, caller.now(state, begin(...blocks))),
    later: (...blocks: Blocks) => resume(caller.later(state, begin(...blocks))),
  }) as KernelImports['http_request'];
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
