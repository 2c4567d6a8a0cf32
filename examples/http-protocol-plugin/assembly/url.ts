// The URL of a request: where the test points, and its query.
import { Json, Kind } from './json';

/** `target` and `resource` with one slash between them. */
export function joinUrl(target: string, resource: string): string {
  if (resource.length == 0) return target;
  const base = target.endsWith('/') ? target.substring(0, target.length - 1) : target;
  return base + '/' + (resource.startsWith('/') ? resource.substring(1) : resource);
}

/** `url` with the entries of `query`, sorted by key, before its fragment; those that are null are left out. */
export function withQuery(url: string, query: Json): string {
  const keys = query.keys.slice(0).sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  const pairs: string[] = [];
  for (let i = 0; i < keys.length; i++) {
    const value = query.get(keys[i]);
    // A key that came twice is sorted next to itself.
    if (value === null || (i > 0 && keys[i] == keys[i - 1])) continue;
    pairs.push(percentEncoded(keys[i]) + '=' + percentEncoded(textOf(value)));
  }
  if (pairs.length == 0) return url;
  const fragment = url.indexOf('#');
  const end = fragment < 0 ? url.length : fragment;
  const base = url.substring(0, end);
  return base + (base.includes('?') ? '&' : '?') + pairs.join('&') + url.substring(end);
}

/** A text with every byte of its UTF-8 but letters, digits and `-_.~` as `%XX`. */
export function percentEncoded(text: string): string {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = <i32>bytes[i];
    if (isUnreserved(byte)) parts.push(String.fromCharCode(byte));
    else parts.push('%' + byte.toString(16).toUpperCase().padStart(2, '0'));
  }
  return parts.join('');
}

function textOf(value: Json): string {
  return value.kind == Kind.String ? value.text : value.write();
}

function isUnreserved(byte: i32): bool {
  if ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39))
    return true;
  return byte == 0x2d || byte == 0x5f || byte == 0x2e || byte == 0x7e;
}
