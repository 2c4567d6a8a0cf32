// The guest's HTTP: `http_request` is the host call `http.request`, whose payload and reply are both
//   u32 little endian, the head's length; the head, JSON; the body, all the rest.
// A request's head is the guest's own, {"url": …, "method"?: …, "headers"?: {…}}; a reply's is {"status": …, "headers"?: {…}}.
import { decodeJson, PlugbayError } from '@plugbay/core';
import type { Environment } from '../environment.ts';
import { hostCall } from './host-call.ts';
import { answer, bytesArgument, type InstanceState } from './state.ts';

const NAMESPACE = 'http';
const OPERATION = 'request';
const PREFIX_BYTES = 4;

/** Answers the kernel's `http_request`: the offset of a block with the response's body. */
export function httpRequest(
  environment: Environment,
): (
  state: InstanceState,
  request: number,
  requestLength: number,
  body: number,
  bodyLength: number,
) => number {
  const call = hostCall(environment, NAMESPACE, OPERATION);
  return (state, request, requestLength, body, bodyLength) => {
    state.httpStatus = 0;
    state.httpHeaders = '';
    const head = bytesArgument(state, 'http_request', request, requestLength);
    const content = bytesArgument(state, 'http_request', body, bodyLength);
    const mode = environment.door.mode(NAMESPACE, OPERATION);
    if (mode !== 'sync') throw state.call.failed(refusal(mode));
    const reply = call(state, joinMessage(head, content));
    if (reply.error !== undefined) {
      throw state.call.failed(new PlugbayError('unavailable', reply.error || 'the HTTP request failed'));
    }
    try {
      const message = splitMessage(reply.bytes);
      state.httpStatus = message.status;
      state.httpHeaders = message.headers;
      return answer(state, message.body);
    } catch (error) {
      throw state.call.failed(error);
    }
  };
}

function refusal(mode: 'async' | undefined): PlugbayError {
  if (mode === undefined) {
    return new PlugbayError('denied', 'http_request: no http capability is granted to this plugin', {
      hint: 'Register an "http" capability and grant it to the plugin.',
    });
  }
  return new PlugbayError('unsupported', 'http_request: the http capability answers asynchronously', {
    hint: 'The inline engine does not wait for host calls yet; register a capability that answers at once.',
  });
}

function joinMessage(head: Uint8Array, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(PREFIX_BYTES + head.length + body.length);
  new DataView(message.buffer).setUint32(0, head.length, true);
  message.set(head, PREFIX_BYTES);
  message.set(body, PREFIX_BYTES + head.length);
  return message;
}

function splitMessage(message: Uint8Array): { status: number; headers: string; body: Uint8Array } {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const end = message.length < PREFIX_BYTES ? Infinity : PREFIX_BYTES + view.getUint32(0, true);
  if (end > message.length) throw malformed('it is shorter than its head');
  const head = decodeJson<{ status?: unknown; headers?: Record<string, unknown> } | null>(
    message.subarray(PREFIX_BYTES, end),
  );
  const status = head?.status;
  if (typeof status !== 'number' || !Number.isInteger(status)) throw malformed('its head has no status');
  const headers = Object.entries(head?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    status,
    headers: head?.headers === undefined ? '' : JSON.stringify(Object.fromEntries(headers)),
    body: message.subarray(end),
  };
}

function malformed(fault: string): PlugbayError {
  return new PlugbayError('internal', `the http capability gave a malformed reply: ${fault}`);
}
