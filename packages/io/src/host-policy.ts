// Which hosts may be asked, and whether an address of a private network will do for them.
import { isIPv6 } from 'node:net';
import { compileGlob, isGlob } from './host-glob.ts';

/** How far a host may be: at a public address only, or wherever it is. */
export type Reach = 'public' | 'anywhere';

/** Which hosts may be asked. The same host always gets the same answer. */
export interface HostPolicy {
  /** How far `hostname`, as `URL.hostname` spells it, may be; undefined when it must not be asked at all. */
  reach(hostname: string): Reach | undefined;
}

/**
 * A policy of names and patterns, compared with the host alone: no scheme, no port, no letter case. A name grants itself wherever
 * it is (`db.internal`, `localhost`, `127.0.0.1`, `::1`); a pattern (`*.example.com`, even `*`) grants public addresses only. A
 * pattern reads as the Rust crate `glob` does: `*` is any run of characters, dots too; `?` is any one; `[a-z]` and `[!a-z]` are
 * sets. What is no pattern is a name. International names are matched in their ASCII form (`xn--…`), to which a name, but no
 * pattern, is brought. Nothing is allowed when `allowed` is empty.
 */
export function hostPolicy(allowed: readonly string[]): HostPolicy {
  const names = new Set<string>();
  const patterns: ((hostname: string) => boolean)[] = [];
  for (const entry of allowed) {
    const pattern = isGlob(entry) && !isBracketed(entry) ? compileGlob(entry.toLowerCase()) : undefined;
    if (pattern === undefined) names.add(spelledAsUrl(entry));
    else patterns.push(pattern);
  }
  return {
    reach(hostname) {
      const host = withoutRootDot(hostname.toLowerCase());
      if (names.has(host)) return 'anywhere';
      return patterns.some((matches) => matches(host)) ? 'public' : undefined;
    },
  };
}

function isBracketed(entry: string): boolean {
  return entry.startsWith('[') && entry.endsWith(']') && isIPv6(entry.slice(1, -1));
}

// What is more than a host, such as `example.com:80`, must not be taken for the host in it: it stays as it is and matches nothing.
function spelledAsUrl(name: string): string {
  if (isIPv6(name)) return spelledAsUrl(`[${name}]`);
  const isMore = !isBracketed(name) && /[\s/:@?#%\\]/.test(name);
  const url = isMore ? null : URL.parse(`http://${name}`);
  return withoutRootDot(url === null ? name.toLowerCase() : url.hostname);
}

// `example.com.` is `example.com`, said so that no search list applies.
function withoutRootDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}
