import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostPolicy } from './host-policy.ts';

const reach = (allowed: readonly string[], href: string): string | undefined =>
  hostPolicy(allowed).reach(new URL(href).hostname);

describe('hostPolicy', () => {
  it('allows nothing when it is empty', () => {
    fc.assert(fc.property(fc.domain(), (host) => hostPolicy([]).reach(host) === undefined));
  });

  it.each([
    ['db.internal', 'http://db.internal:5432/x'],
    ['LocalHost', 'http://localhost'],
    ['127.0.0.1', 'https://127.0.0.1'],
    ['127.0.0.1', 'http://0x7f.1'],
    ['127.0.0.1', 'http://2130706433'],
    ['0x7f.1', 'http://127.0.0.1'],
    ['::1', 'http://[::1]:8080'],
    ['[::1]', 'http://[0:0:0:0:0:0:0:1]'],
    ['::ffff:127.0.0.1', 'http://[::ffff:7f00:1]'],
    ['example.com', 'http://user:secret@EXAMPLE.com./'],
    ['example.com.', 'http://example.com'],
    ['bücher.de', 'http://xn--bcher-kva.de'],
    ['xn--bcher-kva.de', 'http://bücher.de'],
  ])('lets the name %s be anywhere, as in %s', (name, href) => {
    expect(reach([name], href)).toBe('anywhere');
  });

  it.each([
    ['*', 'http://localhost'],
    ['*', 'http://[::1]'],
    ['127.0.0.*', 'http://127.0.0.1'],
    ['*.EXAMPLE.com', 'http://api.example.com'],
    ['[l]ocalhost', 'http://localhost'],
    ['localhost*', 'http://localhost'],
  ])('lets the pattern %s be at public addresses only, as in %s', (pattern, href) => {
    expect(reach([pattern], href)).toBe('public');
  });

  it.each([
    ['example.com', 'http://example.com.evil.org'],
    ['example.com', 'http://sub.example.com'],
    ['*.example.com', 'http://example.com'],
    ['*.example.com', 'http://example.com@evil.org'],
    ['example.com:80', 'http://example.com'],
    ['http://example.com', 'http://example.com'],
    ['example.com/path', 'http://example.com/path'],
    ['user@example.com', 'http://example.com'],
    ['127.0.0.1', 'http://[::ffff:127.0.0.1]'],
    ['[::1', 'http://[::1]'],
    ['', 'http://example.com'],
    ['%6cocalhost', 'http://localhost'],
  ])('does not take %s for the host of %s', (entry, href) => {
    expect(reach([entry], href)).toBeUndefined();
  });

  it('goes by the name where a pattern matches too', () => {
    expect(reach(['*', 'localhost'], 'http://localhost')).toBe('anywhere');
    expect(reach(['localhost', '*'], 'http://localhost')).toBe('anywhere');
    expect(reach(['localhost', '*'], 'http://other')).toBe('public');
  });

  it('takes what is no pattern for a name', () => {
    expect(hostPolicy(['[abc']).reach('[abc')).toBe('anywhere');
    expect(hostPolicy(['[abc']).reach('a')).toBeUndefined();
    expect(hostPolicy(['**.example.com']).reach('a.example.com')).toBeUndefined();
  });

  it('does not notice when the list is changed afterwards', () => {
    const allowed = ['a.test'];
    const policy = hostPolicy(allowed);
    allowed.push('b.test');
    expect(policy.reach('b.test')).toBeUndefined();
  });
});
