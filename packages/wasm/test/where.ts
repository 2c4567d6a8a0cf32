// Tests of what holds in one place and not in another: they are there where it does, and nowhere skipped.
import { it } from 'vitest';

/** A test, where `holds`. */
export function where(holds: boolean, name: string, test: () => Promise<void>): void {
  if (holds) it(name, test);
}
