// Errors over HTTP: RFC 9457 problem details, made from PlugbayErrors. https://www.rfc-editor.org/rfc/rfc9457
import { type ErrorCode, isPlugbayError, PlugbayError, type ProblemRecord } from '@plugbay/core';

/** The media type of every error's body. */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

// A module may have 2,000 imports with names of 100 KB, and messages name them. 8,000: twenty faults of a schema fit whole.
const TEXT_MAX_CHARACTERS = 8_000;

/** The status and the title of each code; the only place that knows them. */
const KINDS: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  invalid: { status: 400, title: 'Not valid' },
  unauthenticated: { status: 401, title: 'Not authenticated' },
  denied: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Conflict' },
  limit: { status: 413, title: 'Over a limit' },
  unsupported: { status: 422, title: 'Not supported' },
  trap: { status: 422, title: 'The plugin crashed' },
  plugin: { status: 422, title: 'The plugin reported an error' },
  // nginx's status for a client that went away; nobody reads it.
  canceled: { status: 499, title: 'Canceled' },
  internal: { status: 500, title: 'Internal error' },
  integrity: { status: 500, title: 'Damaged data' },
  unavailable: { status: 503, title: 'Not available' },
  timeout: { status: 504, title: 'Timed out' },
};

// Statuses that the HTTP layer itself answers with, where they say more than the code's own.
const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  404: 'not_found',
  406: 'invalid',
  408: 'timeout',
  413: 'limit',
  414: 'limit',
  415: 'unsupported',
  431: 'limit',
};

/** The problem that tells of `error`. What is no PlugbayError is told as `internal`, without its message. */
export function problem(error: unknown, requestId: string): ProblemRecord {
  if (!isPlugbayError(error)) {
    const detail = 'the server failed; its log has the reason under the request id';
    return httpProblem(500, new PlugbayError('internal', detail), requestId);
  }
  return httpProblem(KINDS[error.code].status, error, requestId);
}

/** The problem for an answer of the HTTP layer; `detail` is shown. Undefined when the status is not one of a client's fault. */
export function protocolProblem(
  status: number,
  detail: string,
  requestId: string,
  hint?: string,
): ProblemRecord | undefined {
  const code = CODES[status];
  return code === undefined
    ? undefined
    : httpProblem(status, new PlugbayError(code, detail, { hint }), requestId);
}

function httpProblem(status: number, error: PlugbayError, requestId: string): ProblemRecord {
  return {
    type: 'about:blank',
    status,
    code: error.code,
    title: KINDS[error.code].title,
    detail: clipped(error.message),
    ...(error.hint === undefined ? {} : { hint: clipped(error.hint) }),
    requestId,
  };
}

function clipped(text: string): string {
  return text.length > TEXT_MAX_CHARACTERS ? `${text.slice(0, TEXT_MAX_CHARACTERS)}…` : text;
}
