// Where a thread of the worker engine starts.
import { workerData } from 'node:worker_threads';
import type { ThreadStart } from '../messages.ts';
import { ThreadLoop } from './loop.ts';

await new ThreadLoop(workerData as ThreadStart).run();
