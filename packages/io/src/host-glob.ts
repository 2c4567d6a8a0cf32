// Patterns of host names, as the Rust crate `glob` reads them: `*`, `?`, `[…]` and `[!…]`. No braces, no negation, no escapes.

type Range = readonly [first: string, last: string];
type Token = 'any' | { readonly ranges: readonly Range[]; readonly negated: boolean };

// Neither is part of a host name, and `**/` would be a path's affair.
const SEPARATOR = '/';
const ANY_CHARACTER: Token = { ranges: [], negated: true };

/** Whether an entry is meant as a pattern, whatever it is worth. */
export function isGlob(entry: string): boolean {
  return /[*?[]/.test(entry);
}

/**
 * What tells whether a whole text matches; `*` is any run of characters, dots too. Undefined for what is no pattern: an open
 * `[`, more than one `*` in a row beside anything else, a `/`. Linear in the text for each `*`, whatever the pattern.
 */
export function compileGlob(pattern: string): ((text: string) => boolean) | undefined {
  if (pattern.includes(SEPARATOR)) return undefined;
  const tokens = pattern === '**' ? (['any'] as const) : tokensOf(pattern);
  return tokens === undefined ? undefined : (text) => matches(tokens, text);
}

function tokensOf(pattern: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const character = pattern.charAt(at);
    if (character === '*') {
      if (pattern[at + 1] === '*') return undefined;
      tokens.push('any');
      at += 1;
    } else if (character === '[') {
      const set = setAt(pattern, at);
      if (set === undefined) return undefined;
      tokens.push({ ranges: rangesOf(set.inside), negated: set.negated });
      at = set.end;
    } else {
      tokens.push(character === '?' ? ANY_CHARACTER : { ranges: [[character, character]], negated: false });
      at += 1;
    }
  }
  return tokens;
}

// The first character of a set is in it even when it is `]`.
function setAt(pattern: string, at: number): { inside: string; negated: boolean; end: number } | undefined {
  const negated = pattern[at + 1] === '!';
  const start = at + (negated ? 2 : 1);
  const close = pattern.indexOf(']', start + 1);
  return close < 0 ? undefined : { inside: pattern.slice(start, close), negated, end: close + 1 };
}

// A `-` with nothing on one of its sides is itself.
function rangesOf(inside: string): Range[] {
  const ranges: Range[] = [];
  for (let at = 0; at < inside.length; ) {
    const isRange = inside[at + 1] === '-' && at + 2 < inside.length;
    ranges.push([inside.charAt(at), inside.charAt(isRange ? at + 2 : at)]);
    at += isRange ? 3 : 1;
  }
  return ranges;
}

// Goes back to the last `*` only: an earlier one could take nothing that the last one cannot.
function matches(tokens: readonly Token[], text: string): boolean {
  let token = 0;
  let at = 0;
  let retry: { token: number; at: number } | undefined;
  while (at < text.length) {
    const expected = tokens[token];
    if (expected === 'any') {
      retry = { token: ++token, at };
    } else if (expected !== undefined && matchesOne(expected, text.charAt(at))) {
      token++;
      at++;
    } else if (retry !== undefined) {
      retry.at++;
      ({ token, at } = retry);
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((left) => left === 'any');
}

function matchesOne({ ranges, negated }: Exclude<Token, 'any'>, character: string): boolean {
  return ranges.some(([first, last]) => first <= character && character <= last) !== negated;
}
