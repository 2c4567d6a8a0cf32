// Which addresses belong to the public internet. What does not, leads into somebody's network, or to the machine itself.
import { BlockList, isIP } from 'node:net';

type Range = readonly [network: string, prefix: number, reason: string];

// IANA's registry of special-purpose addresses, without the few of them that are public services; and what clouds put elsewhere.
const IPV4: readonly Range[] = [
  ['0.0.0.0', 8, 'this machine'],
  ['10.0.0.0', 8, 'a private network'],
  ['100.64.0.0', 10, "a provider's own network"],
  ['127.0.0.0', 8, 'this machine'],
  ['168.63.129.16', 32, "a cloud's metadata service"],
  ['169.254.0.0', 16, 'the local link, where clouds have their metadata services'],
  ['172.16.0.0', 12, 'a private network'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.88.99.0', 24, '6to4 relays'],
  ['192.168.0.0', 16, 'a private network'],
  ['198.18.0.0', 15, 'benchmarks'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'nobody yet, or broadcast'],
];

// Named for the sake of the reason; all but the last four are outside of GLOBAL_IPV6 anyway.
const IPV6: readonly Range[] = [
  ['::', 128, 'this machine'],
  ['::1', 128, 'this machine'],
  ['::ffff:0:0', 96, 'IPv4, whatever is behind it'],
  ['::', 96, 'IPv4, whatever is behind it'],
  ['64:ff9b::', 96, 'IPv4 behind a translator, whatever is behind it'],
  ['64:ff9b:1::', 48, 'IPv4 behind a translator, whatever is behind it'],
  ['100::', 64, 'nobody: it is discarded'],
  ['5f00::', 16, 'routing within a network'],
  ['fc00::', 7, 'a private network'],
  ['fe80::', 10, 'the local link'],
  ['fec0::', 10, 'a private network'],
  ['ff00::', 8, 'multicast'],
  ['2001::', 23, 'protocol assignments and tunnels'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4, whatever IPv4 is behind it'],
  ['3fff::', 20, 'documentation'],
];

// The only block of which addresses have been given out for public use.
const GLOBAL_IPV6 = blockList('ipv6', '2000::', 3);

const CHECKS = {
  ipv4: checksOf('ipv4', IPV4),
  ipv6: checksOf('ipv6', IPV6),
} as const;

/**
 * To what an IP address belongs that is no part of the public internet, as words for a log; undefined for a public one. What is no
 * address at all is not public.
 */
export function privateUseOf(address: string): string | undefined {
  const version = isIP(address);
  if (version === 0) return 'nothing: it is no IP address';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const found = CHECKS[family].find(({ list }) => list.check(address, family));
  if (found !== undefined) return found.reason;
  if (family === 'ipv6' && !GLOBAL_IPV6.check(address, family)) return 'nobody yet';
  return undefined;
}

function checksOf(family: 'ipv4' | 'ipv6', ranges: readonly Range[]): { list: BlockList; reason: string }[] {
  return ranges.map(([network, prefix, reason]) => ({ list: blockList(family, network, prefix), reason }));
}

// One list for each range and each family: a list of IPv6 ranges also answers for IPv4 addresses in their IPv6 form.
function blockList(family: 'ipv4' | 'ipv6', network: string, prefix: number): BlockList {
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list;
}
