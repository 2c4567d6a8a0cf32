import { ERROR_CODES, PlugbayError } from '@plugbay/core';
import { expect, it } from 'vitest';
import { problem, protocolProblem } from './problem.ts';

it('gives every code its status', () => {
  const statuses = ERROR_CODES.map((code) => [code, problem(new PlugbayError(code, 'x'), 'id').status]);
  expect(Object.fromEntries(statuses)).toEqual({
    invalid: 400,
    not_found: 404,
    conflict: 409,
    denied: 403,
    unauthenticated: 401,
    limit: 413,
    timeout: 504,
    canceled: 499,
    trap: 422,
    plugin: 422,
    unavailable: 503,
    integrity: 500,
    unsupported: 422,
    internal: 500,
  });
});

it('tells what a PlugbayError tells, and nothing of any other error', () => {
  expect(problem(new PlugbayError('conflict', 'it is there', { hint: 'Take another.' }), 'id')).toEqual({
    type: 'about:blank',
    status: 409,
    code: 'conflict',
    title: 'Conflict',
    detail: 'it is there',
    hint: 'Take another.',
    requestId: 'id',
  });
  expect(problem(new Error('secret'), 'id')).toEqual({
    type: 'about:blank',
    status: 500,
    code: 'internal',
    title: 'Internal error',
    detail: 'the server failed; its log has the reason under the request id',
    requestId: 'id',
  });
});

it('keeps the statuses of the HTTP layer that are a client’s fault, and no others', () => {
  expect(protocolProblem(415, 'x', 'id')).toMatchObject({ status: 415, code: 'unsupported' });
  expect(protocolProblem(500, 'x', 'id')).toBeUndefined();
});

it('cuts a text that a pushed module made long', () => {
  const { detail, hint } = problem(
    new PlugbayError('invalid', 'd'.repeat(8_001), { hint: 'h'.repeat(8_000) }),
    'id',
  );
  expect(detail).toBe(`${'d'.repeat(8_000)}…`);
  expect(hint).toBe('h'.repeat(8_000));
});
