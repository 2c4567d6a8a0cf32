// A machine on which threads cannot start: nobody waits for one.
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { testedEngine } from '../../../test/contract/worker.ts';
import { failureOf } from '../../../test/open.ts';

vi.mock('../spawn.ts', () => ({
  spawn: (_: URL, options: WorkerOptions) =>
    new Worker('throw new Error("no such thing")', { ...options, eval: true }),
}));

describe('a thread that cannot start', () => {
  it('fails what was to run on it, with why, and is tried again for the next', async () => {
    const { engine, open } = testedEngine();
    for (let attempt = 0; attempt < 2; attempt++) {
      const error = await failureOf(() => open('(module (func (export "run")))'));
      expect([error.code, error.message, error.phase]).toEqual([
        'unavailable',
        'a thread could not start: no such thing',
        'open',
      ]);
    }
    expect(engine.threads).toEqual([]);
  });
});
