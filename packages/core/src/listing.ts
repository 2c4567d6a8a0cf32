// Names in a message: the first ones, because whoever sent them chose how many there are.

// 10: an error is read by a person.
const LISTED_MAX = 10;

/** The first ten of `names`, parted by commas, and a sign that there are more; "nothing" for none. */
export function listing(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  return names.length > LISTED_MAX ? `${names.slice(0, LISTED_MAX).join(', ')}, …` : names.join(', ');
}
