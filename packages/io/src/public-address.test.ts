import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { privateUseOf } from './public-address.ts';

describe('privateUseOf', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '168.63.129.15',
    '168.63.129.17',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.0.3.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2000::',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2001:db7:ffff::1',
    '2001:db9::',
    '2003::1',
    '2606:4700:4700::1111',
    '3ffe::1',
    '3fff:1000::',
  ])('knows %s as public', (address) => {
    expect(privateUseOf(address)).toBeUndefined();
  });

  it.each([
    ['0.0.0.0', 'this machine'],
    ['0.255.255.255', 'this machine'],
    ['10.0.0.0', 'a private network'],
    ['10.255.255.255', 'a private network'],
    ['100.64.0.0', "a provider's own network"],
    ['100.100.100.200', "a provider's own network"],
    ['100.127.255.255', "a provider's own network"],
    ['127.0.0.1', 'this machine'],
    ['127.255.255.254', 'this machine'],
    ['168.63.129.16', "a cloud's metadata service"],
    ['169.254.169.254', 'the local link, where clouds have their metadata services'],
    ['172.16.0.0', 'a private network'],
    ['172.31.255.255', 'a private network'],
    ['192.0.0.192', 'protocol assignments'],
    ['192.0.2.1', 'documentation'],
    ['192.88.99.1', '6to4 relays'],
    ['192.168.0.1', 'a private network'],
    ['198.18.0.1', 'benchmarks'],
    ['198.19.255.255', 'benchmarks'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.7', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.250', 'multicast'],
    ['240.0.0.1', 'nobody yet, or broadcast'],
    ['255.255.255.255', 'nobody yet, or broadcast'],
    ['::', 'this machine'],
    ['::1', 'this machine'],
    ['0:0:0:0:0:0:0:1', 'this machine'],
    ['::2', 'IPv4, whatever is behind it'],
    ['::127.0.0.1', 'IPv4, whatever is behind it'],
    ['::ffff:127.0.0.1', 'IPv4, whatever is behind it'],
    ['::ffff:7f00:1', 'IPv4, whatever is behind it'],
    ['::ffff:8.8.8.8', 'IPv4, whatever is behind it'],
    ['64:ff9b::7f00:1', 'IPv4 behind a translator, whatever is behind it'],
    ['64:ff9b:1::a00:1', 'IPv4 behind a translator, whatever is behind it'],
    ['100::1', 'nobody: it is discarded'],
    ['5f00::1', 'routing within a network'],
    ['fc00::', 'a private network'],
    ['fd00:ec2::254', 'a private network'],
    ['fe80::1', 'the local link'],
    ['fe80::1%eth0', 'the local link'],
    ['febf:ffff::1%2', 'the local link'],
    ['fec0::1', 'a private network'],
    ['ff02::1', 'multicast'],
    ['2001::1', 'protocol assignments and tunnels'],
    ['2001:1ff:ffff::1', 'protocol assignments and tunnels'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4, whatever IPv4 is behind it'],
    ['3fff:fff::1', 'documentation'],
    ['1fff::1', 'nobody yet'],
    ['4000::1', 'nobody yet'],
    ['f000::1', 'nobody yet'],
  ])('knows to what %s belongs', (address, use) => {
    expect(privateUseOf(address)).toBe(use);
  });

  it.each(['', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '[::1]', '1.1.1.1:80', '1.1.1.1 '])(
    'takes %j, which is no address, for public nowhere',
    (text) => {
      expect(privateUseOf(text)).toBe('nothing: it is no IP address');
    },
  );

  it('agrees with arithmetic about every IPv4 address', () => {
    const ranges: [number, number][] = (
      '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
      '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'
    )
      .split(' ')
      .map((range) => {
        const [network = '', prefix = ''] = range.split('/');
        const first = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
        return [first, first + 2 ** (32 - Number(prefix))];
      });
    const edges = ranges.flatMap(([first, end]) => [first - 1, first, end - 1, end]);
    const inside = edges.filter((edge) => edge >= 0 && edge < 2 ** 32);
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(...inside)),
        (number) => {
          const address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
          const isPrivate = ranges.some(([first, end]) => first <= number && number < end);
          expect(privateUseOf(address) !== undefined).toBe(isPrivate);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('lets no IPv6 address out of 2000::/3 through', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.tuple(group, group, group, group, group, group, group, group), (groups) => {
        const isGlobal = groups[0] >= 0x2000 && groups[0] <= 0x3fff;
        const use = privateUseOf(groups.map((part) => part.toString(16)).join(':'));
        if (!isGlobal) expect(use).toBeDefined();
      }),
    );
  });
});
