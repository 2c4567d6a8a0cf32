// Lists as the API shows them. XTP clients never ask for a second page, so there is none.
import type { PageRecord } from '@plugbay/core';

/** All of a list in one page. */
export function page<T>(objects: readonly T[]): PageRecord<T> {
  return { objects, total: objects.length, perPage: objects.length };
}
