// The size limits of a memory or a table, as a module declares them.
import type { Cursor } from './cursor.ts';
import { unsigned } from './encode.ts';

/** Sizes in pages (memories) or entries (tables). */
export interface DeclaredLimits {
  readonly initial: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  /** Whether addresses have 64 bits. */
  readonly wide: boolean;
}

const FLAG = { maximum: 1, shared: 2, wide: 4 } as const;

/** Reads limits. @throws PlugbayError `invalid`. */
export function readLimits(cursor: Cursor): DeclaredLimits {
  const flags = cursor.byte();
  if (flags > 7) cursor.fail(`has unknown limit flags ${flags}`, cursor.offset - 1);
  const wide = (flags & FLAG.wide) !== 0;
  const initial = wide ? cursor.u64() : cursor.u32();
  const maximum = flags & FLAG.maximum ? (wide ? cursor.u64() : cursor.u32()) : undefined;
  return { initial, maximum, shared: (flags & FLAG.shared) !== 0, wide };
}

/** Limits in the binary format: those of a store, with another maximum. */
export function encodeLimits({ initial, shared, wide }: DeclaredLimits, maximum: number): Uint8Array {
  const flags = FLAG.maximum | (shared ? FLAG.shared : 0) | (wide ? FLAG.wide : 0);
  return Uint8Array.of(flags, ...unsigned(initial), ...unsigned(maximum));
}
