// Answers on connections that carry no request: what arrives is not HTTP, or too slow, or too much.
import type { Socket } from 'node:net';
import { PROBLEM_TYPE, protocolProblem } from './problem.ts';

/** Answers a client whose bytes are not HTTP, or who is too slow; no request exists for it. */
export function sendClientError(error: Error & { code?: string }, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, text, detail } = CLIENT_ERRORS[error.code ?? ''] ?? BAD_REQUEST;
  const body = JSON.stringify(protocolProblem(status, detail, requestId));
  const headers = [
    `HTTP/1.1 ${status} ${text}`,
    'connection: close',
    'cache-control: no-store',
    `content-type: ${PROBLEM_TYPE}`,
    'x-content-type-options: nosniff',
    `x-request-id: ${requestId}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}

const BAD_REQUEST = {
  status: 400,
  text: 'Bad Request',
  detail: 'the request is not HTTP/1.1, or was cut off',
};

const CLIENT_ERRORS: Readonly<Record<string, typeof BAD_REQUEST>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    text: 'Request Timeout',
    detail: 'the request took too long to arrive',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    text: 'Request Header Fields Too Large',
    detail: 'the headers are too large',
  },
};
