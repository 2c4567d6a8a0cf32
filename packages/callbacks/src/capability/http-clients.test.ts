import { setImmediate as turn } from 'node:timers/promises';
import type { HttpClient } from '@plugbay/io';
import { describe, expect, it } from 'vitest';
import { HttpClients } from './http-clients.ts';

/** Makes clients that only say when they were closed; `hold` keeps them closing. */
function maker(): {
  make: () => HttpClient;
  closed: string[];
  made: HttpClient[];
  hold: Promise<void> | undefined;
} {
  const closed: string[] = [];
  const made: HttpClient[] = [];
  const maker = {
    closed,
    made,
    hold: undefined as Promise<void> | undefined,
    make(): HttpClient {
      const name = `client ${made.length}`;
      const close = async (options?: { readonly drainMs?: number | undefined }): Promise<void> => {
        closed.push(`${name} in ${options?.drainMs ?? 0} ms`);
        await maker.hold;
      };
      const client = { close, request: () => Promise.reject(new Error(name)), [Symbol.asyncDispose]: close };
      made.push(client);
      return client;
    },
  };
  return maker;
}

describe('the HTTP clients of tenants', () => {
  it('are one for each tenant, made when it is wanted', () => {
    const { make, made } = maker();
    const clients = new HttpClients(make, 100);
    expect(made).toHaveLength(0);

    const acme = clients.of('acme');
    expect(clients.of('other')).not.toBe(acme);
    expect(clients.of('acme')).toBe(acme);
    expect(made).toHaveLength(2);
  });

  it('are given up where 256 others asked later, and have time to end what they are at', async () => {
    const { make, made, closed } = maker();
    const clients = new HttpClients(make, 100);
    for (let tenant = 0; tenant < 256; tenant++) clients.of(`tenant ${tenant}`);
    const first = clients.of('tenant 0');
    expect(closed).toEqual([]);

    clients.of('one more');
    expect(closed).toEqual(['client 1 in 100 ms']);
    expect(clients.of('tenant 0')).toBe(first);
    clients.of('tenant 1');
    expect(made).toHaveLength(258);
    expect(closed).toEqual(['client 1 in 100 ms', 'client 2 in 100 ms']);
  });

  it('are all closed at once, also those that were given up and are not done', async () => {
    const made = maker();
    const { promise, resolve } = Promise.withResolvers<void>();
    made.hold = promise;
    const clients = new HttpClients(made.make, 100);
    for (let tenant = 0; tenant < 257; tenant++) clients.of(`tenant ${tenant}`);
    let isClosed = false;
    const closing = clients.close().then(() => {
      isClosed = true;
    });
    await turn();

    expect([made.closed.length, made.closed[0], isClosed]).toEqual([258, 'client 0 in 100 ms', false]);
    expect(new Set(made.closed).has('client 0 in 0 ms')).toBe(true);
    resolve();
    await closing;
  });

  it('forget those that were given up and are done', async () => {
    const { make, closed } = maker();
    const clients = new HttpClients(make, 100);
    for (let tenant = 0; tenant < 257; tenant++) clients.of(`tenant ${tenant}`);
    await turn();
    await clients.close();

    expect(closed.filter((line) => line.startsWith('client 0 '))).toEqual(['client 0 in 100 ms']);
  });

  it('are no more once they are closed', async () => {
    const { make } = maker();
    const clients = new HttpClients(make, 100);
    await clients.close();

    expect(() => clients.of('acme')).toThrow(
      expect.objectContaining({ code: 'unavailable', message: 'the http capability is closed' }),
    );
  });
});
