// The headers in the head of an HTTP host call.
import { PlugbayError } from '@plugbay/core';

const NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
// What one byte each can carry, but for control characters: a line feed would begin a header that nobody looked at.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
// A name in a message: long enough to find it.
const SHOWN_CHARACTERS = 60;

/**
 * The headers in `value`, with their names in lower case. The same name in several spellings has its values joined by ", ".
 * @throws PlugbayError `invalid` for what is not an object of strings, and for a name or value that HTTP cannot carry.
 */
export function headersIn(value: unknown): Record<string, string> {
  if (!isObject(value)) throw new PlugbayError('invalid', 'its headers are no object');
  const headers = new Map<string, string>();
  for (const [name, content] of Object.entries(value)) {
    if (!NAME.test(name)) throw new PlugbayError('invalid', `${shown(name)} is no name of a header`);
    if (typeof content !== 'string' || !VALUE.test(content)) {
      throw new PlugbayError('invalid', `the value of its header ${shown(name)} is none that HTTP can carry`);
    }
    const lower = name.toLowerCase();
    const before = headers.get(lower);
    headers.set(lower, before === undefined ? content : `${before}, ${content}`);
  }
  return Object.fromEntries(headers);
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text from outside, as a message shows it. */
export function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
}
