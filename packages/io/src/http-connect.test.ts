import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../test/loopback.ts';
import { type HostPolicy, hostPolicy } from './host-policy.ts';
import { GuardedClient } from './http-client.ts';
import {
  type ConnectRules,
  checkedConnector,
  type HostAddress,
  networkRules,
  resolveBySystem,
} from './http-connect.ts';

const PUBLIC: HostAddress = { address: '127.0.0.1', family: 4 };
const PRIVATE: HostAddress = { address: '127.0.0.2', family: 4 };

/** A network in which 127.0.0.2 is private and 127.0.0.1 is not, and a resolver that gives these answers in turn. */
function network(
  allowed: readonly string[],
  ...answers: readonly (readonly HostAddress[])[]
): ConnectRules & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    hosts: hostPolicy(allowed),
    privateUse: (address) => (address === '127.0.0.1' ? undefined : 'somebody'),
    async resolve(hostname) {
      asked.push(hostname);
      return answers[asked.length - 1] ?? [];
    },
  };
}

async function server(headers: Record<string, string> = {}): Promise<{ url: URL; addresses: unknown[] }> {
  const addresses: unknown[] = [];
  const url = await serve((request, response) => {
    addresses.push(request.socket.localAddress);
    response.writeHead(200, headers).end('x');
  });
  return { url, addresses };
}

async function statusOf(client: GuardedClient, host: string, url: URL): Promise<number | string> {
  try {
    const asked = new URL(`http://${host}:${url.port}/`);
    return (await client.request({ url: asked, timeoutMs: 20_000, maxBytes: 10 })).status;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function clientOf(rules: ConnectRules): GuardedClient {
  const client = new GuardedClient(rules);
  onTestFinished(() => client.close());
  return client;
}

describe('a connection', () => {
  it('goes to the address that was checked: a name is resolved once for each', async () => {
    const { url, addresses } = await server({ connection: 'close' });
    const rules = network(['*.test'], [PUBLIC], [PRIVATE], [PUBLIC]);
    const client = clientOf(rules);

    expect(await statusOf(client, 'a.test', url)).toBe(200);
    expect(rules.asked).toEqual(['a.test']);
    expect(await statusOf(client, 'a.test', url)).toBe('denied');
    expect(await statusOf(client, 'a.test', url)).toBe(200);
    expect(rules.asked).toEqual(['a.test', 'a.test', 'a.test']);
    expect(addresses).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('that is kept was checked when it was made', async () => {
    const { url, addresses } = await server();
    const rules = network(['*.test'], [PUBLIC], [PRIVATE], [PRIVATE], [PRIVATE]);
    const client = clientOf(rules);
    expect(await statusOf(client, 'a.test', url)).toBe(200);
    // Room for undici to learn that it is free.
    await new Promise(setImmediate);

    expect(await statusOf(client, 'a.test', url)).toBe(200);
    expect(rules.asked).toEqual(['a.test']);
    // The same server by another name has a connection of its own.
    expect(await statusOf(client, 'b.test', url)).toBe('denied');
    expect(addresses).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('takes the public ones of several addresses', async () => {
    const { url, addresses } = await server();

    expect(await statusOf(clientOf(network(['*'], [PRIVATE, PUBLIC, PRIVATE])), 'a.test', url)).toBe(200);
    expect(addresses).toEqual(['127.0.0.1']);
  });

  it('is refused when all are private, when there is none, and when one is no address', async () => {
    const { url, addresses } = await server();
    const nonsense = [{ address: 'localhost', family: 4 }] as const;
    const real = networkRules(hostPolicy(['*']), async () => nonsense);

    expect(await statusOf(clientOf(network(['*'], [PRIVATE, PRIVATE])), 'a.test', url)).toBe('denied');
    expect(await statusOf(clientOf(network(['*'], [])), 'a.test', url)).toBe('unavailable');
    expect(await statusOf(clientOf(network(['a.test'], [])), 'a.test', url)).toBe('unavailable');
    expect(await statusOf(clientOf(real), 'a.test', url)).toBe('denied');
    expect(addresses).toEqual([]);
  });

  it('goes anywhere for a host that is named', async () => {
    const { url } = await server();
    const rules = network(['*', 'a.test'], [PRIVATE], [PRIVATE]);
    const client = clientOf({ ...rules, privateUse: () => 'somebody', resolve: async () => [PUBLIC] });

    expect(await statusOf(client, 'a.test', url)).toBe(200);
    expect(await statusOf(client, 'b.test', url)).toBe('denied');
  });

  it('asks no resolver about an address', async () => {
    const { url } = await server();
    const rules = network(['*']);

    expect(await statusOf(clientOf(rules), '127.0.0.1', url)).toBe(200);
    expect(rules.asked).toEqual([]);
  });

  it('goes to an IPv6 address that is named, and to no other', () => {
    const connected: string[] = [];
    const rules = { ...network(['::1']), privateUse: () => 'somebody' };
    const connect = checkedConnector(
      rules,
      () =>
        ({ hostname }) =>
          void connected.push(hostname),
    );
    const refused: unknown[] = [];
    for (const hostname of ['::1', '::2']) {
      connect({ hostname, protocol: 'http:', port: '80' }, (...[error]) => void refused.push(error));
    }

    expect(connected).toEqual(['::1']);
    expect(refused).toEqual([
      expect.objectContaining({ code: 'denied', message: '::2 is no public address' }),
    ]);
  });

  it('is refused for a host that the policy does not allow, whoever asks for it', () => {
    const nobody: HostPolicy = { reach: () => undefined };
    const connect = checkedConnector({ ...network([]), hosts: nobody }, () => () => {
      throw new Error('it connected');
    });
    const outcomes: unknown[] = [];
    connect(
      { hostname: '127.0.0.1', protocol: 'http:', port: '80' },
      (...[error]) => void outcomes.push(error),
    );

    expect(outcomes).toEqual([
      expect.objectContaining({ code: 'denied', message: '127.0.0.1 is no public address' }),
    ]);
  });
});

describe('the lookup of a connection', () => {
  function lookedUp(rules: ConnectRules, all: boolean): Promise<unknown[]> {
    const { promise, resolve } = Promise.withResolvers<unknown[]>();
    checkedConnector(rules, (lookup) => {
      lookup('a.test', { all }, (...answer) => resolve(answer));
      return () => undefined;
    });
    return promise;
  }

  it('gives one address to who wants one, and all that are public to who wants all', async () => {
    const six: HostAddress = { address: '2001:db8::1', family: 6 };

    expect(await lookedUp(network(['a.test'], [PUBLIC, six]), false)).toEqual([null, '127.0.0.1', 4]);
    expect(await lookedUp(network(['a.test'], [PUBLIC, six]), true)).toEqual([null, [PUBLIC, six]]);
    expect(await lookedUp(network(['*'], [six, PUBLIC]), true)).toEqual([null, [PUBLIC]]);
  });

  it('fails with the error of the resolver', async () => {
    const failure = new Error('getaddrinfo EAI_AGAIN a.test');
    const rules = { ...network(['*']), resolve: () => Promise.reject(failure) };

    expect(await lookedUp(rules, true)).toEqual([failure, []]);
  });
});

describe('the resolver of the system', () => {
  it('knows localhost', async () => {
    expect(await resolveBySystem('localhost')).toContainEqual({ address: '127.0.0.1', family: 4 });
  });
});
