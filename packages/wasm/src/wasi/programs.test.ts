import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WasiGrants } from '@plugbay/core';
import { describe, expect, it, vi } from 'vitest';
import { type Outcome, program, runOracle, runOurs } from '../../test/wasi/run-c.ts';
import { HostDirectory } from './files/host-directory.ts';

const filesModule = await program('files');

describe('a program in C', () => {
  it('finds its arguments, environment, input, time and randomness, and exits', async () => {
    const outcome = runOurs(await program('process'), PROCESS);
    expect(outcome).toEqual({ exitCode: 7, stdout: SAID.join('\n'), stderr: 'to stderr' });
  });

  it('finds there what Node would give it, but for a terminal', async () => {
    const grants = { ...PROCESS, env: { ...PROCESS.env, ORACLE: '1' } };
    const module = await program('process');
    const [ours, theirs] = [runOurs(module, grants), runOracle(module, grants)];
    expect([theirs.exitCode, theirs.stderr]).toEqual([ours.exitCode, ours.stderr]);
    expect(differences(ours, theirs)).toEqual([['isatty 0 1 1', 'isatty 0 0 0']]);
  });

  it('does to files what Node would have done, but for what Node does wrong', () => {
    const ours = inFolder((grants) => runOurs(filesModule, grants));
    const theirs = inFolder((grants) => runOracle(filesModule, grants));
    expect([ours.exitCode, ours.stderr]).toEqual([0, '']);
    expect(differences(ours, theirs)).toEqual([
      // POSIX cuts the text to the buffer.
      ['readlink cut = 3', 'readlink cut = -1'],
      // Node forgets fractions of seconds.
      ['times = 1000.500000000 2000.250000000', 'times = 1000.000000000 2000.000000000'],
      ['times = 1000.500000000 3000.250000000', 'times = 1000.000000000 3000.000000000'],
      ['flags = 1', 'flags = 0'],
      // Node follows the link.
      ['open a link without following: Symbolic link loop', 'open a link without following: ok'],
    ]);
  });

  it('leaves nothing behind that it removed', () => {
    const { stdout } = inFolder((grants) => runOurs(filesModule, grants));
    expect(stdout.split('\n').slice(-4)).toEqual([
      'unlink hard = ok',
      'unlink data = ok',
      'rmdir = ok',
      '0 entries:',
    ]);
  });

  it('can do the same where directories have no path through their descriptors', () => {
    const usual = inFolder((grants) => runOurs(filesModule, grants));
    const open = HostDirectory.open;
    const spy = vi.spyOn(HostDirectory, 'open').mockImplementation((path) => open(path, false));
    try {
      const portable = inFolder((grants) => runOurs(filesModule, grants));
      expect(differences(portable, usual)).toEqual([]);
      expect(spy).toHaveBeenCalledTimes(1);
    } finally {
      spy.mockRestore();
    }
  });
});

const PROCESS: WasiGrants = {
  args: ['process', 'a b', 'ü'],
  env: { HOME: '/home/x', EMPTY: '' },
  stdin: 'word 12\n',
};

const SAID = [
  'argv[0] = process',
  'argv[1] = a b',
  'argv[2] = ü',
  'HOME = /home/x',
  "EMPTY = ''",
  'MISSING = null',
  'scanf = 2: word 12',
  'then 10, and at the end -1, eof 1',
  'isatty 0 1 1',
  'time is later than 2020: 1',
  'resolution: 0',
  'nanosleep = 0',
  'slept: 1',
  'getentropy = 0, some 1',
  'sched_yield = 0',
  'sleep until 1970 = 0',
  'poll = 2: out 1',
  'lseek on stdout = -1, Invalid seek',
  'close(99) = -1, Bad file descriptor',
  'no newline at the endatexit ran',
];

function inFolder(run: (grants: WasiGrants) => Outcome): Outcome {
  const host = mkdtempSync(join(tmpdir(), 'plugbay-wasi-'));
  try {
    return run({ args: ['files', '/data'], directories: [{ host, guest: '/data' }] });
  } finally {
    rmSync(host, { recursive: true });
  }
}

/** The lines in which two outcomes differ, in pairs. */
function differences(one: Outcome, other: Outcome): [string, string][] {
  const [left, right] = [one.stdout.split('\n'), other.stdout.split('\n')];
  expect(left.length).toBe(right.length);
  return left
    .map((line, index): [string, string] => [line, right[index] as string])
    .filter(([ours, theirs]) => ours !== theirs);
}
