// Calls of a resident waPC plugin: small, large, and with a host call.
import { randomFillSync } from 'node:crypto';
import type { TimedRow } from '../../row.ts';
import { bare } from './bare.ts';
import { ours } from './ours.ts';
import { peer } from './peer.ts';
import type { Work } from './work.ts';

/** 16 bytes in and out. */
export const echo16: TimedRow = { name: 'wapc/echo16/inline', ...row({ operation: 'echo', bytes: 16 }, 2.5) };

/** 16 bytes in and out, and on the way to the host and back. */
export const hostcall16: TimedRow = {
  name: 'wapc/hostcall16/inline',
  ...row({ operation: 'hostcall', bytes: 16 }, 2.5),
};

/** 64 KiB in and out. */
export const echo64k: TimedRow = {
  name: 'wapc/echo64k/inline',
  ...row({ operation: 'echo', bytes: 64 * 1024 }, 1),
};

interface Size {
  readonly operation: Work['operation'];
  readonly bytes: number;
}

function row({ operation, bytes }: Size, must: number): Omit<TimedRow, 'name'> {
  const work: Work = { operation, input: randomFillSync(new Uint8Array(bytes)) };
  return { unit: 'us', must, ours: () => ours(work), peer: () => peer(work), limit: () => bare(work) };
}
