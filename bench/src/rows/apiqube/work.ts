// What both sides of a row do alike: run a test whose request the host answers at once.
import type { Contender } from '../../row.ts';

/** The test, as large as a test of an API's one request is. */
export const TEST: Uint8Array = Buffer.from(
  JSON.stringify({
    method: 'POST',
    resource: '/users',
    target: 'http://127.0.0.1',
    headers: { 'X-Trace': '0123456789abcdef', Accept: 'application/json' },
    timeout: '5s',
    fields: { body: { name: 'Ada Lovelace', roles: ['admin', 'author'] }, query: { page: 1 } },
  }),
);

/** What the host answers to the request. */
export const RESPONSE: Uint8Array = Buffer.from(
  JSON.stringify({
    status: 201,
    headers: { 'Content-Type': 'application/json', Location: '/users/1' },
    body: Buffer.from('{"id":1,"name":"Ada Lovelace","roles":["admin","author"]}').toString('base64'),
    duration_ms: 3,
  }),
);

const OUTPUT = Buffer.concat([Buffer.from('{"response":'), RESPONSE, Buffer.from('}')]);

/** Calls that answer at once. @throws Error when the first answers anything else than the test's output. */
export function calling(call: () => Uint8Array, close?: () => Promise<void>): Contender {
  check(call());
  return {
    async run(runs) {
      for (let i = 0; i < runs; i++) call();
    },
    ...(close === undefined ? {} : { close }),
  };
}

/** Calls that answer with a promise. @throws Error when the first answers anything else than the test's output. */
export async function callingLater(
  call: () => Promise<{ readonly bytes: Uint8Array }>,
  close: () => Promise<void>,
): Promise<Contender> {
  check((await call()).bytes);
  return {
    async run(runs) {
      for (let i = 0; i < runs; i++) await call();
    },
    close,
  };
}

function check(answered: Uint8Array): void {
  if (Buffer.compare(answered, OUTPUT) === 0) return;
  throw new Error(`execute answered ${answered.length} bytes that are not the expected ones`);
}
