// Tests that a resident ApiQube plugin executes.
import type { TimedRow } from '../../row.ts';
import { bare } from './bare.ts';
import { ours, ourThread } from './ours.ts';

/** A test of 0.2 KB in, its request out to a host that answers at once, and the output of 0.2 KB. */
export const executeInline: TimedRow = {
  name: 'apiqube/execute/inline',
  unit: 'us',
  must: null,
  mustOver: 5,
  ours,
  limit: bare,
};

/** The same on a thread: there and back, and on the way to the host and back. */
export const executeWorker: TimedRow = {
  ...executeInline,
  name: 'apiqube/execute/worker',
  mustOver: 30,
  ours: ourThread,
};
