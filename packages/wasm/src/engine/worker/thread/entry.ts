// Where a thread of the worker engine starts.
import { workerData } from 'node:worker_threads';
import { giveWay } from '../../priority.ts';
import type { ThreadStart } from '../messages.ts';

// First, because to load the rest is a tenth of a second's work.
giveWay();
const { ThreadLoop } = await import('./loop.ts');
await new ThreadLoop(workerData as ThreadStart).run();
