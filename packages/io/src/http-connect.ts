// Connects to hosts as far as a policy lets them be: a name is resolved once, and what was checked is what is connected to.
import { lookup } from 'node:dns/promises';
import { isIP, isIPv6, type LookupFunction } from 'node:net';
import { PlugbayError } from '@plugbay/core';
import type { buildConnector } from 'undici';
import type { HostPolicy } from './host-policy.ts';
import { privateUseOf } from './public-address.ts';

/** One address of a host. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Resolves a name to its addresses, in the order in which they are to be tried. */
export type Resolve = (hostname: string) => Promise<readonly HostAddress[]>;

/** What decides about a connection. */
export interface ConnectRules {
  readonly hosts: HostPolicy;
  readonly resolve: Resolve;
  /** As {@link privateUseOf}. */
  readonly privateUse: (address: string) => string | undefined;
}

/** What the machine's own resolver says, its `hosts` file included. */
export const resolveBySystem: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

/** What the real network says. */
export function networkRules(hosts: HostPolicy, resolve: Resolve = resolveBySystem): ConnectRules {
  return { hosts, resolve, privateUse: privateUseOf };
}

/**
 * A connector of undici that refuses to leave the policy: `make` must make connectors that ask the lookup given to it for every
 * host that is no IP address. Fails with PlugbayError `denied`.
 */
export function checkedConnector(
  rules: ConnectRules,
  make: (lookup: LookupFunction) => buildConnector.connector,
): buildConnector.connector {
  const connect = make(checkedLookup(rules));
  return (options, callback) => {
    // A socket that is given an IP address asks no lookup.
    const refused = refusalOfAddress(rules, options.hostname);
    if (refused === undefined) connect(options, callback);
    else callback(refused, null);
  };
}

/** Why a host that is an IP address, with or without brackets, must not be connected to; undefined for one that may, or a name. */
export function refusalOfAddress(rules: ConnectRules, hostname: string): PlugbayError | undefined {
  const address = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(address) === 0 ? undefined : refusal(rules, address, [address]);
}

function checkedLookup(rules: ConnectRules): LookupFunction {
  return (hostname, { all }, callback) => {
    reachable(rules, hostname).then(
      (found) => {
        if (all === true) callback(null, [...found]);
        else callback(null, found[0].address, found[0].family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

// Addresses that must not be reached are left out, as long as another one is there: some names have both on purpose.
async function reachable(
  rules: ConnectRules,
  hostname: string,
): Promise<readonly [HostAddress, ...HostAddress[]]> {
  const found = await rules.resolve(hostname);
  const [first, ...others] = found.filter(({ address }) => refusal(rules, hostname, [address]) === undefined);
  if (first !== undefined) return [first, ...others];
  const addresses = found.map(({ address }) => address);
  throw refusal(rules, hostname, addresses) ?? new PlugbayError('unavailable', `${hostname} has no address`);
}

// The message may reach the plugin, which must not learn the addresses of a network through it; the cause stays with the operator.
function refusal(
  { hosts, privateUse }: ConnectRules,
  hostname: string,
  addresses: readonly string[],
): PlugbayError | undefined {
  const reach = hosts.reach(isIPv6(hostname) ? `[${hostname}]` : hostname);
  if (reach === 'anywhere') return undefined;
  const uses = addresses.map((address) => [address, privateUse(address)] as const);
  const first = uses.find(([, use]) => use !== undefined);
  if (reach === 'public' && first === undefined) return undefined;
  const cause = first === undefined ? undefined : new Error(`${first[0]} belongs to ${first[1]}`);
  const has = isIP(hostname) === 0 ? 'has' : 'is';
  return new PlugbayError('denied', `${hostname} ${has} no public address`, {
    cause,
    hint: `To allow its private address, name ${hostname} itself among the allowed hosts; a pattern grants public ones only.`,
  });
}
