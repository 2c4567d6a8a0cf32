import type { HostCall, Invocation } from '@plugbay/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../test/loopback.ts';
import { hostPolicy } from './host-policy.ts';
import { answerHttpCall, resolveHttpCallLimits } from './http-call-answer.ts';
import { decodeHttpReply } from './http-call-reply.ts';
import { encodeHttpRequest, type HttpCallDraft } from './http-call-request.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import type { HttpRequest } from './http-message.ts';

function callOf(draft: HttpCallDraft, invocation: Partial<Invocation> = {}): HostCall {
  return {
    link: 'plugbay',
    namespace: 'http',
    operation: 'request',
    payload: encodeHttpRequest(draft),
    invocation: { id: '9m4e2mr0ui3e8a215n4g', depth: 0, ...invocation },
    signal: new AbortController().signal,
  };
}

function clientOf(...allowed: readonly string[]): HttpClient {
  const client = createHttpClient({ hosts: hostPolicy(allowed) });
  onTestFinished(() => client.close());
  return client;
}

/** Keeps what it is asked. */
function recorder(): Pick<HttpClient, 'request'> & { asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  return {
    asked,
    async request(request) {
      asked.push(request);
      return { status: 200, statusText: 'OK', headers: new Headers(), bytes: new Uint8Array(0) };
    },
  };
}

describe('answerHttpCall', () => {
  it('asks the server and hands over its answer', async () => {
    const url = await serve(async (request, response) => {
      const body = (await request.toArray()).join('');
      response
        .writeHead(418, { 'x-own': `${request.method} ${request.headers['x-own']} ${body}` })
        .end('short');
    });
    const reply = await answerHttpCall(clientOf('127.0.0.1'))(
      callOf({ url, method: 'post', headers: { 'X-Own': 'a' }, body: Buffer.from('tea') }),
    );

    const { status, headers, body } = decodeHttpReply(reply);
    expect([status, headers?.['x-own'], Buffer.from(body).toString()]).toEqual([418, 'POST a tea', 'short']);
  });

  it('fails for a host that is not allowed', async () => {
    await expect(
      answerHttpCall(clientOf('a.test'))(callOf({ url: 'https://b.test/c' })),
    ).rejects.toMatchObject({
      code: 'denied',
      message: 'HTTP request to "https://b.test/c" is not allowed (no allowedHosts match "b.test")',
    });
  });

  it('fails for a malformed payload without asking anybody', async () => {
    const client = recorder();
    const call = { ...callOf({ url: 'http://a.test' }), payload: new Uint8Array(3) };

    await expect(answerHttpCall(client)(call)).rejects.toMatchObject({ code: 'invalid' });
    expect(client.asked).toEqual([]);
  });

  it('holds both bodies to their limits', async () => {
    const url = await serve((_, response) => response.end('12345'));
    const answer = answerHttpCall(clientOf('127.0.0.1'), { maxRequestBytes: 4, maxResponseBytes: 4 });

    await expect(answer(callOf({ url, method: 'POST', body: new Uint8Array(5) }))).rejects.toMatchObject({
      code: 'limit',
      message: `the HTTP request to ${url.href} has a body of 5 bytes, more than 4`,
    });
    await expect(answer(callOf({ url, method: 'POST', body: new Uint8Array(4) }))).rejects.toMatchObject({
      code: 'limit',
      message: `the answer of ${url.href} is larger than 4 bytes`,
    });
  });

  it('gives up at the deadline of the invocation when that comes first', async () => {
    const url = await serve(() => undefined);
    const answer = answerHttpCall(clientOf('127.0.0.1'));

    await expect(answer(callOf({ url }, { deadline: Date.now() + 50 }))).rejects.toMatchObject({
      code: 'timeout',
    });
    await expect(answer(callOf({ url }, { deadline: Date.now() - 50 }))).rejects.toMatchObject({
      code: 'timeout',
    });
  });

  it('gives up after its own time when there is no deadline, or a later one', async () => {
    const url = await serve(() => undefined);
    const answer = answerHttpCall(clientOf('127.0.0.1'), { timeoutMs: 50 });
    const message = `GET ${url.href} took longer than 50 ms`;

    await expect(answer(callOf({ url }))).rejects.toMatchObject({ code: 'timeout', message });
    await expect(answer(callOf({ url }, { deadline: Date.now() + 600_000 }))).rejects.toMatchObject({
      code: 'timeout',
      message,
    });
  });

  it('ends with the call', async () => {
    const controller = new AbortController();
    const url = await serve(() => controller.abort());

    await expect(
      answerHttpCall(clientOf('127.0.0.1'))({ ...callOf({ url }), signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'canceled' });
  });

  it('sends no body when there is none, and asks for 50 MiB and half a minute at most', async () => {
    const client = recorder();
    await answerHttpCall(client)(callOf({ url: 'http://a.test' }));

    expect(client.asked).toMatchObject([
      { method: 'GET', body: undefined, maxBytes: 52_428_800, timeoutMs: 30_000 },
    ]);
  });
});

describe('resolveHttpCallLimits', () => {
  it('lays what was given over the defaults', () => {
    expect(resolveHttpCallLimits({ timeoutMs: 1, maxRequestBytes: undefined })).toEqual({
      maxRequestBytes: 52_428_800,
      maxResponseBytes: 52_428_800,
      timeoutMs: 1,
    });
  });

  it.each([0, -1, 1.5, NaN, Infinity])('refuses %d', (value) => {
    expect(() => resolveHttpCallLimits({ maxResponseBytes: value })).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: `maxResponseBytes must be a positive whole number, not ${value}`,
      }),
    );
  });
});
