// Every way in which a request can fail, answered in one form.
import { isPlugbayError, PlugbayError, type ProblemRecord } from '@plugbay/core';
import { errnoOf } from '@plugbay/io';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { bodyFault } from './body-fault.ts';
import { RETRY_AFTER_SECONDS } from './limits.ts';
import { PROBLEM_TYPE, problem, protocolProblem } from './problem.ts';
import type { Registry } from './registry.ts';

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
  { folder, logger }: Registry,
): void {
  const answer = clientFault(error, request) ?? problem(translate(error, request), request.id);
  if (answer.status >= 500) {
    // The route's pattern, not the address: that may hold an invite code.
    const route = `${request.method} ${request.routeOptions.url ?? '(none)'}`;
    logger.error({ requestId: request.id, route, status: answer.status, err: error }, 'a request failed');
  }
  void reply.headers(commonHeaders(request));
  if (answer.status === 401) void reply.header('www-authenticate', 'Bearer');
  if (answer.status === 503) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
  void reply.code(answer.status).type(PROBLEM_TYPE);
  // Where the data folder is, is for its operator to know: clients see paths below it.
  void reply.send(JSON.stringify({ ...answer, detail: answer.detail.replaceAll(`${folder}/`, '') }));
}

// fastify's own errors carry a status and a message made for clients, those of its schema validator included.
function clientFault(error: unknown, request: FastifyRequest): ProblemRecord | undefined {
  if (isPlugbayError(error) || !isFastifyError(error)) return undefined;
  const fault = bodyFault(error.code, request);
  const detail = (fault?.detail ?? error.message).slice(0, DETAIL_MAX_CHARACTERS);
  return protocolProblem(error.statusCode ?? 500, detail, request.id, fault?.hint);
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
