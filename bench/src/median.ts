// The middle of several measurements, which a single slow one does not move.

/** The median; of an even number of values, the upper of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
