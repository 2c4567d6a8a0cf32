import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { failureOf, openBytes, openWat } from '../../test/open.ts';

const DEEP = `(module (func $deepest unreachable) (func $middle (call $deepest)) (func (export "run") (call $middle)))`;

// wabt writes no names, so they are added as a compiler would: function 0 is "deepest", 1 is "middle".
async function named(): Promise<Uint8Array> {
  const text = (name: string): number[] => [name.length, ...Buffer.from(name)];
  const names = [2, 0, ...text('deepest'), 1, ...text('middle')];
  const section = [...text('name'), 1, names.length, ...names];
  return Uint8Array.from([...(await wat(DEEP)), 0, section.length, ...section]);
}

describe('the names of functions', () => {
  it.each([
    ['a module', {}],
    ['a metered module', { metered: true }],
  ])('are in the stack of a trap of %s when they are kept', async (_, options) => {
    const bytes = await named();
    const stackOf = async (keepNames: boolean): Promise<string> => {
      const plugin = await openBytes(bytes, { ...options, keepNames });
      const error = await failureOf(() => plugin.callSync('run'));
      return (error.cause as Error).stack ?? '';
    };
    expect(await stackOf(true)).toMatch(/deepest .*\n.*middle /);
    expect(await stackOf(false)).not.toContain('deepest');
  });

  it('are not needed', async () => {
    const plugin = await openWat(DEEP, { keepNames: true });
    expect((await failureOf(() => plugin.callSync('run'))).code).toBe('trap');
  });
});
