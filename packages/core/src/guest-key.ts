// The guest key: an app's own name for a customer. It travels in paths, sometimes unencoded, so its form is settled here.
import { PlugbayError } from './error.ts';

/** Characters of a guest key at most: room for two UUIDs and a prefix, and a path stays far below every proxy's limit. */
export const GUEST_KEY_MAX_CHARACTERS = 200;

// What a client that does not encode its paths would lose or bend: query, fragment, escapes, back slashes.
const UNSAFE_IN_PATHS = /[?#%\\]/;
// Controls and formatting (zero width, direction): two keys that look the same, or a line in a terminal that lies.
const INVISIBLE = /[\p{Cc}\p{Cf}]/u;

/**
 * Checks a guest key and returns it. Letters of every script, digits, inner spaces and most punctuation are welcome;
 * `/` too, as long as no segment is empty, `.` or `..`.
 * @throws PlugbayError `invalid` with the reason.
 */
export function parseGuestKey(text: string): string {
  // Apps without types get here too.
  const reason = typeof text === 'string' ? fault(text) : 'is not a string';
  if (reason === undefined) return text;
  throw new PlugbayError('invalid', `guest key ${JSON.stringify(String(text).slice(0, 80))} ${reason}`, {
    hint: 'Use your own id of the customer, such as a UUID or a slug.',
  });
}

function fault(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (text.length > GUEST_KEY_MAX_CHARACTERS) return `is longer than ${GUEST_KEY_MAX_CHARACTERS} characters`;
  if (!text.isWellFormed()) return 'is not well-formed Unicode';
  if (text.trim() !== text) return 'starts or ends with white space';
  if (UNSAFE_IN_PATHS.test(text)) return 'has a character that a path cannot carry (one of ? # % \\)';
  if (INVISIBLE.test(text)) return 'has a control or formatting character';
  if (text.normalize('NFC') !== text)
    return 'is not in Unicode normal form NFC, so it could look like another guest';
  if (text.split('/').some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'has an empty segment, "." or ".." between slashes';
  }
  return undefined;
}
