// The rule for names that people give to apps, extension points, artifacts, bindings and tokens.
import { PlugbayError } from '@plugbay/core';
import { NAME_MAX_CHARACTERS } from './limits.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * Checks a name and returns it: 1 to 100 characters of any script, no control characters. `what` is the name's kind in an error.
 * @throws PlugbayError `invalid` with the reason.
 */
export function parseName(what: string, text: string): string {
  const reason = fault(text);
  if (reason === undefined) return text;
  throw new PlugbayError('invalid', `${what} name ${JSON.stringify(text.slice(0, 80))} ${reason}`, {
    hint: `A name has 1 to ${NAME_MAX_CHARACTERS} characters and no control characters.`,
  });
}

/** As {@link parseName}, for names that are one segment of a path: without `/`, and neither `.` nor `..`. */
export function parseSegmentName(what: string, text: string): string {
  const name = parseName(what, text);
  if (!name.includes('/') && name !== '.' && name !== '..') return name;
  throw new PlugbayError('invalid', `${what} name ${JSON.stringify(name)} cannot be a part of a path`, {
    hint: 'Use a name without "/" that is neither "." nor "..".',
  });
}

function fault(text: string): string | undefined {
  if (text.trim() === '') return 'is empty';
  if (text.length > NAME_MAX_CHARACTERS) return `is longer than ${NAME_MAX_CHARACTERS} characters`;
  if (!text.isWellFormed()) return 'is not well-formed Unicode';
  if (CONTROL.test(text)) return 'has a control character';
  return undefined;
}
