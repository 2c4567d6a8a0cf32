// The origin under which the world reaches a server that stands behind a proxy.
import { PlugbayError } from '@plugbay/core';

/** Checks a public URL and returns its origin. @throws PlugbayError `invalid` when it is no http or https origin. */
export function parsePublicUrl(text: string): string {
  const url = URL.parse(text);
  // No user, path, query or fragment: links to the server's own pages are made from it.
  if (url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new PlugbayError(
    'invalid',
    `the public URL ${JSON.stringify(text.slice(0, 80))} is not an http or https origin`,
    {
      hint: 'Give a scheme, a host and perhaps a port, such as https://plugins.example.com, with --public-url or PLUGBAY_PUBLIC_URL.',
    },
  );
}
