// HTTP as a host call (`plugbay`, `http`, `request`): payload and reply are both
//   u32 little endian, the head's length in bytes; the head, a JSON object; the body, all the rest.
import { PlugbayError } from '@plugbay/core';

/** The link, namespace and operation of HTTP as a host call. */
export const HTTP_CALL = { link: 'plugbay', namespace: 'http', operation: 'request' } as const;

const PREFIX_BYTES = 4;

// 64 KiB: servers take 8 to 16 KiB of headers, and a URL and its headers in JSON are less than twice as long.
const HEAD_MAX_BYTES = 64 * 1024;

/** The two parts of a message, as views of it. */
export interface HttpCallParts {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

/** A message of a head and a body. What they contain is not looked at. */
export function joinHttpCall(head: Uint8Array, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(PREFIX_BYTES + head.length + body.length);
  new DataView(message.buffer).setUint32(0, head.length, true);
  message.set(head, PREFIX_BYTES);
  message.set(body, PREFIX_BYTES + head.length);
  return message;
}

/** @throws PlugbayError `invalid` for a message that is shorter than it says, or a head of more than 64 KiB. */
export function splitHttpCall(message: Uint8Array): HttpCallParts {
  if (message.length < PREFIX_BYTES) throw shorter(message, PREFIX_BYTES, 'the length of its head');
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const headBytes = view.getUint32(0, true);
  if (headBytes > HEAD_MAX_BYTES) {
    throw new PlugbayError('invalid', `its head has ${headBytes} bytes, more than ${HEAD_MAX_BYTES}`);
  }
  const end = PREFIX_BYTES + headBytes;
  if (end > message.length) throw shorter(message, end, 'its head');
  return { head: message.subarray(PREFIX_BYTES, end), body: message.subarray(end) };
}

function shorter(message: Uint8Array, needed: number, what: string): PlugbayError {
  return new PlugbayError('invalid', `it ends after ${message.length} bytes, but ${what} needs ${needed}`);
}
