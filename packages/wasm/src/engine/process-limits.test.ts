import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { limitProcess } from './process-limits.ts';

// In a process of its own, because flags cannot be taken back.
async function limited(code: string): Promise<string> {
  const source = `
    import { limitProcess } from ${JSON.stringify(new URL('./process-limits.ts', import.meta.url).href)};
    const said = (act) => { try { act(); return 'fine'; } catch (error) { return error.constructor.name; } };
    ${code}`;
  const args = ['--conditions=@plugbay/source', '--input-type=module', '--eval', source];
  return (await promisify(execFile)(process.execPath, args)).stdout.trim();
}

describe('the limits of a process', () => {
  it('hold for memories, tables and modules that pass no guard', async () => {
    expect(
      await limited(`
        limitProcess({ memoryPages: 10, tableEntries: 100, moduleBytes: 64 });
        const memory = new WebAssembly.Memory({ initial: 1 });
        const table = new WebAssembly.Table({ initial: 1, element: 'anyfunc' });
        const preamble = [0, 97, 115, 109, 1, 0, 0, 0];
        console.log(said(() => memory.grow(9)), said(() => memory.grow(1)),
          said(() => table.grow(99)), said(() => table.grow(1)),
          said(() => new WebAssembly.Module(Uint8Array.of(...preamble))),
          said(() => new WebAssembly.Module(Uint8Array.of(...preamble, 0, 60, 1, 120, ...new Array(58).fill(0)))));`),
    ).toBe('fine RangeError fine RangeError fine CompileError');
  });

  it.each([0, -1, 1.5, Number.NaN])('are not %d', async (memoryPages) => {
    expect((await failureOf(() => limitProcess({ memoryPages }))).message).toBe(
      `memoryPages must be a positive whole number, not ${memoryPages}`,
    );
  });
});
