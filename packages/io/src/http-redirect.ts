// Where a redirect leads and what is asked there.
import type { Hop, HopAnswer } from './http-message.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);
// What describes a body that is not sent again.
const ABOUT_THE_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
]);

/** What to ask where a redirect leads, but for its URL; undefined when the redirect is the caller's affair. */
export type RedirectRule = (hop: Hop, status: number) => Hop | undefined;

/** Follows a GET; the redirect of anything else is an answer like any other. */
export const followGet: RedirectRule = (hop) => (hop.method === 'GET' ? hop : undefined);

/** Follows as fetch does: 303, and 301 and 302 of a POST, lead to a GET without the body; else the same is asked again. */
export const followAsFetch: RedirectRule = (hop, status) => {
  const becomesGet =
    status === 303
      ? hop.method !== 'GET' && hop.method !== 'HEAD'
      : (status === 301 || status === 302) && hop.method === 'POST';
  if (!becomesGet) return hop;
  return { ...hop, method: 'GET', headers: without(ABOUT_THE_BODY, hop.headers), body: undefined };
};

/** The location of an answer that is a redirect and has one. */
export function locationOf({ status, headers }: HopAnswer): string | undefined {
  return REDIRECTS.has(status) ? (headers.get('location') ?? undefined) : undefined;
}

/** `hop` at `location`, as read from where it stands; credentials stay within the origin. @throws TypeError for what is no URL. */
export function movedTo(hop: Hop, location: string): Hop {
  const url = new URL(location, hop.url);
  if (url.origin === hop.url.origin) return { ...hop, url };
  return { ...hop, url, headers: without(CREDENTIALS, hop.headers) };
}

function without(
  names: ReadonlySet<string>,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase())));
}
