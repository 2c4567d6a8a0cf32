// What every route works with.
import type { Clock, Logger } from '@plugbay/core';
import type { ContentStore } from '@plugbay/io';
import type { Database } from './store/tables.ts';

/** An open registry: its database, its content, its time. */
export interface Registry {
  /** The absolute path of its data folder. */
  readonly folder: string;
  readonly database: Database;
  /** The plugins' bytes by content address. */
  readonly blobs: ContentStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A time of the database as the API shows it: ISO 8601, UTC, milliseconds. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
