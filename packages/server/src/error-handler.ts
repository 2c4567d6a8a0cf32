// Every way in which a request can fail, answered in one form.
import type { Socket } from 'node:net';
import { isPlugbayError, type Logger, PlugbayError, type ProblemRecord } from '@plugbay/core';
import { errnoOf } from '@plugbay/io';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { RETRY_AFTER_SECONDS } from './limits.ts';
import { PROBLEM_TYPE, problem, protocolProblem } from './problem.ts';

// Longer texts are the client's own input played back.
const DETAIL_MAX_CHARACTERS = 500;

/** The headers of every answer; a route that is not secret says so itself. */
export function commonHeaders(request: FastifyRequest): Record<string, string> {
  return { 'x-request-id': request.id, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
}

/** Answers a failed request; what is the server's fault is also logged. */
export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): void {
  const answer = clientFault(error, request.id) ?? problem(translate(error, request), request.id);
  if (answer.status >= 500) {
    // The route's pattern, not the address: that may hold an invite code.
    const route = `${request.method} ${request.routeOptions.url ?? '(none)'}`;
    logger.error({ requestId: request.id, route, status: answer.status, err: error }, 'a request failed');
  }
  void reply.headers(commonHeaders(request));
  if (answer.status === 401) void reply.header('www-authenticate', 'Bearer');
  if (answer.status === 503) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
  void reply.code(answer.status).type(PROBLEM_TYPE);
  void reply.send(JSON.stringify(answer));
}

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

// fastify's own errors carry a status and a message made for clients, those of its schema validator included.
function clientFault(error: unknown, requestId: string): ProblemRecord | undefined {
  if (isPlugbayError(error) || !isFastifyError(error)) return undefined;
  return protocolProblem(error.statusCode ?? 500, error.message.slice(0, DETAIL_MAX_CHARACTERS), requestId);
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && 'statusCode' in error;
}

function translate(error: unknown, request: FastifyRequest): unknown {
  if (isPlugbayError(error)) return error;
  if (errnoOf(error) === 'ECONNRESET' || (request.raw.destroyed && !request.raw.complete)) {
    return new PlugbayError('canceled', 'the client went away before its request was complete', {
      cause: error,
    });
  }
  return error;
}
