import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { withDebugSection, withoutCustomSections } from './custom-sections.ts';

describe('a module with a debug section', () => {
  it.each([10, 100, 20_000])('of %i bytes is valid, and has them', async (size) => {
    const plain = await wat('(module (func (export "run")))');
    const module = withDebugSection(plain, size);
    expect(WebAssembly.validate(module)).toBe(true);
    // An id, a length of one byte or three, the name's length and the name.
    const header = size < 100 ? 14 : size < 10_000 ? 14 : 16;
    expect(module.length - plain.length).toBe(size + header);
  });

  it('is what it was before when the section is taken away', async () => {
    const module = await wat('(module (func (export "run")) (memory (export "memory") 1))');
    expect([...withoutCustomSections(withDebugSection(module, 20_000))]).toEqual([...module]);
  });
});
