// Nothing is left behind: what a process holds before and after very much of the same work, in processes of their own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Held } from '../../../test/flat/measure.ts';
import { WORKS, type WorkName } from '../../../test/flat/works.ts';

const MAIN = fileURLToPath(new URL('../../../test/flat/main.ts', import.meta.url));

// A megabyte: V8 compiles and forgets code as it likes, and one byte for each of a million calls would show.
const HEAP_BYTES = 1024 * 1024;

// The memories of four instances, which are not in the heap: as many as a pool of these tests has.
const BUFFER_BYTES = 4 * 2 * 65_536;

// 128 MiB: allocators keep pages that were used once, and V8 keeps stacks for guests that were suspended at the same time. One page
// for each of 20,000 instances would be 1.2 GB.
const RESIDENT_BYTES = 128 * 1024 * 1024;

async function growthOf(name: WorkName): Promise<Held> {
  const run = promisify(execFile);
  const flags = ['--conditions=@plugbay/source', '--expose-gc'];
  const { stdout } = await run(process.execPath, [...flags, MAIN, name]);
  return JSON.parse(stdout) as Held;
}

describe('memory is flat', () => {
  it.concurrent.each(Object.keys(WORKS) as WorkName[])('over %s', { timeout: 120_000 }, async (name) => {
    const { heap, buffers, resident } = await growthOf(name);
    expect(heap).toBeLessThan(HEAP_BYTES);
    expect(buffers).toBeLessThan(BUFFER_BYTES);
    expect(resident).toBeLessThan(RESIDENT_BYTES);
  });
});
