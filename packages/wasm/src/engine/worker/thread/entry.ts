// Where a thread of the worker engine starts.
import { workerData } from 'node:worker_threads';
import type { ThreadStart } from '../messages.ts';
import { ThreadLoop } from './loop.ts';
import { giveWay } from './priority.ts';

giveWay();
await new ThreadLoop(workerData as ThreadStart).run();
