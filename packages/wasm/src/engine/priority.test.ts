import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, expect, it } from 'vitest';
import { testedEngine } from '../../test/contract/worker.ts';

const NICE = 16;

// Of all threads of this process; one may end while they are listed.
function priorities(): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) => {
    try {
      const [, fields = ''] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ');
      return [Number(fields.split(' ')[NICE])];
    } catch {
      return [];
    }
  });
}

describe.runIf(process.platform === 'linux')('a thread', () => {
  it('comes after its host, which keeps its own place', async () => {
    const { open } = testedEngine();
    const own = getPriority(0);
    const plugin = await open('(module (func (export "run")))');
    await plugin.call('run');
    const behind = Math.min(19, own + 3);
    expect(priorities()).toContain(behind);
    expect(getPriority(0)).toBe(own);
  });
});
