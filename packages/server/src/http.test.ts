// The HTTP layer itself: whatever a client sends, the answer is a problem record, and nothing of ours leaks.
import { connect } from 'node:net';
import { type LogMethod, type ProblemRecord, silentLogger } from '@plugbay/core';
import { startTestServer, type TestServer } from '@plugbay/testing';
import { expect, it } from 'vitest';

/** Sends bytes and reads until the server hangs up. */
async function exchange(
  server: TestServer,
  bytes: string,
): Promise<{ head: string; problem: ProblemRecord }> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
  return { head, problem: JSON.parse(body) as ProblemRecord };
}

async function post(server: TestServer, path: string, type: string, body: string): Promise<ProblemRecord> {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': type };
  const response = await fetch(`${server.url}/api/v1${path}`, { method: 'POST', headers, body });
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  return (await response.json()) as ProblemRecord;
}

it.each([
  ['no HTTP at all', 'hello\r\n\r\n', 400, 'invalid'],
  ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(100_000)}`, 431, 'limit'],
  [
    'a request that is cut off',
    'POST /api/v1/apps HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc',
    400,
    'invalid',
  ],
])('answers %s with a problem', async (_what, bytes, status, code) => {
  await using server = await startTestServer();
  // The body of a POST is only waited for with a token.
  const { head, problem } = await exchange(
    server,
    bytes.replace(
      'host: x\r\ncontent',
      `host: x\r\nauthorization: Bearer ${server.token}\r\ncontent-type: application/json\r\ncontent`,
    ),
  );
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  expect(head.toLowerCase()).toContain('x-content-type-options: nosniff');
  expect(problem).toMatchObject({ status, code });
  expect(problem.requestId).toMatch(/^[0-9a-v]{20}$/);
});

it.each([
  ['text that is no JSON', 'application/json', '{', 400, 'invalid'],
  ['nothing', 'application/json', '', 400, 'invalid'],
  ['an object without the name', 'application/json', '{}', 400, 'invalid'],
  ['a name that is no text', 'application/json', '{"name":1}', 400, 'invalid'],
  ['a body of another type', 'text/csv', 'a,b', 415, 'unsupported'],
  ['a body that is too large', 'application/json', `{"name":"${'x'.repeat(1024 * 1024)}"}`, 413, 'limit'],
])('refuses %s as a body', async (_what, type, body, status, code) => {
  await using server = await startTestServer();
  expect(await post(server, '/apps', type, body)).toMatchObject({ status, code });
});

it('says which part of a body is not right', async () => {
  await using server = await startTestServer();
  expect((await post(server, '/apps', 'application/json', '{}')).detail).toBe(
    "body must have required property 'name'",
  );
  expect((await post(server, '/apps', 'application/json', '{"name":1}')).detail).toBe(
    'body/name must be string',
  );
});

it.each([
  ['text/csv', 'not "text/csv"'],
  ['text/plain', 'not "text/plain"'],
])('says which media type a route takes instead of %s', async (type, not) => {
  await using server = await startTestServer();
  expect(await post(server, '/apps', type, 'a')).toMatchObject({
    status: 415,
    detail: `this route takes a body of the media type application/json, ${not}`,
    hint: 'Set the header content-type to application/json, and send such a body.',
  });
});

it.each(['{', ''])('says what to send instead of %j as JSON', async (body) => {
  await using server = await startTestServer();
  expect(await post(server, '/apps', 'application/json', body)).toMatchObject({
    status: 400,
    hint: 'Send one JSON object in UTF-8, as JSON.stringify writes it.',
  });
});

it('refuses a path that is too long', async () => {
  await using server = await startTestServer();
  const answer = await server.api('PUT', `/artifacts/x/plugin/~/${'x'.repeat(2000)}`);
  expect(answer).toMatchObject({ status: 414, body: { code: 'limit' } });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
});

it('makes its own request ids', async () => {
  await using server = await startTestServer();
  const response = await fetch(`${server.url}/healthz`, {
    headers: { 'x-request-id': 'mine', 'request-id': 'mine' },
  });
  expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-v]{20}$/);
});

it('tells the log why it failed, and the client only where to look', async () => {
  const lines: { facts: Record<string, unknown>; message: string | undefined }[] = [];
  const error: LogMethod = (facts: object | string, message?: string) =>
    lines.push({ facts: Object(facts), message });
  await using server = await startTestServer({
    logger: { ...silentLogger, error },
    clock: {
      now() {
        // Ids of requests need the time too; only the route that makes an app fails.
        if (new Error().stack?.includes('addApp ') === true) throw new Error('secret inner reason');
        return Date.now();
      },
      monotonic: () => performance.now(),
      timer: (ms, action) => {
        const handle = setTimeout(action, ms);
        return { cancel: () => clearTimeout(handle) };
      },
    },
  });
  const answer = await server.api('POST', '/apps', { name: 'Shop' });
  expect(answer).toMatchObject({
    status: 500,
    body: { code: 'internal', detail: 'the server failed; its log has the reason under the request id' },
  });
  expect(JSON.stringify(answer.body)).not.toContain('secret');
  expect(lines).toHaveLength(1);
  expect(lines[0]?.message).toBe('a request failed');
  expect(lines[0]?.facts).toMatchObject({
    requestId: answer.body.requestId,
    route: 'POST /api/v1/apps',
    status: 500,
    err: new Error('secret inner reason'),
  });
  expect(JSON.stringify(lines)).not.toContain(server.token);
});
