// What keeps a process alive: calls that are under way, and not threads that have nothing to do.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../../test/contract/process.ts', import.meta.url));

async function saidBy(what: string): Promise<string[]> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--conditions=@plugbay/source', PROGRAM, what]);
  return stdout.trim().split('\n');
}

describe('a process with threads', () => {
  it.each([
    ['ends when they are idle', 'idle', ['idle']],
    ['does not end while guests wait for their host', 'waiting', ['idle', 'one', 'two']],
    ['does not end before a deadline has', 'spinning', ['idle', 'timeout']],
  ])('%s', async (_, what, said) => {
    expect(await saidBy(what)).toEqual(said);
  });
});
