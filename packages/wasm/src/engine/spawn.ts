// Starts the threads of this package, from its sources as from what they are built to.
import { Worker, type WorkerOptions } from 'node:worker_threads';

const FROM_SOURCE = import.meta.url.endsWith('.ts');

// A thread that runs from sources finds the other packages of this repository as sources too.
const SOURCE_CONDITIONS: readonly string[] = ['--conditions=@plugbay/source'];

/**
 * Starts a thread whose entry is the file of this package at `url`, which ends in `.ts` or `.js`: where this file is a source the
 * source is started, else what it is built to. @throws as the constructor of Worker.
 */
export function spawn(url: URL, options: WorkerOptions = {}): Worker {
  const entry = new URL(url.href.replace(/\.[jt]s$/, FROM_SOURCE ? '.ts' : '.js'));
  if (!FROM_SOURCE) return new Worker(entry, options);
  return new Worker(entry, { ...options, execArgv: [...SOURCE_CONDITIONS, ...(options.execArgv ?? [])] });
}
