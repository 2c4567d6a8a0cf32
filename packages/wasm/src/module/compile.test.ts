import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { extismAbi } from '../abi/extism/extism.ts';
import { INLINE_POLICY } from '../binary/policy.ts';
import { compileModule } from './compile.ts';

describe('compiling', () => {
  it('caps the memory of what it compiles', async () => {
    const bytes = await wat('(module (memory (export "memory") 1))');
    const { module, shape } = await compileModule(bytes, INLINE_POLICY, { memoryPages: 3 });
    const { memory } = new WebAssembly.Instance(module, {}).exports as {
      memory: { grow(pages: number): number };
    };
    expect(memory.grow(2)).toBe(1);
    expect(() => memory.grow(1)).toThrow(RangeError);
    expect(shape.memories[0]!.maximum).toBe(undefined);
  });

  it('reports what V8 refuses, with its message', async () => {
    const bytes = await wat('(module (func (result i32)))');
    const error = await failureOf(() => compileModule(bytes, INLINE_POLICY, { memoryPages: 1 }));
    expect(error.code).toBe('invalid');
    expect(error.message).toMatch(
      /^WebAssembly\.Module\(\): Compiling function #0 failed: expected 1 elements on the stack/,
    );
    expect(error.cause).toBeInstanceOf(WebAssembly.CompileError);
  });

  it('does not compile what the guard refuses', async () => {
    const bytes = await wat('(module (memory 1 1 shared) (func (result i32)))');
    await expect(compileModule(bytes, INLINE_POLICY, { memoryPages: 1 })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  // An index beyond a module's own means what rewriting adds there: it once reached the fuel and the kernel's own state.
  it.each([
    ['merged', { metered: false }],
    ['metered', { metered: true }],
  ])('does not let an index reach what is added to a module that is %s', async (_, { metered }) => {
    const { companion } = extismAbi();
    for (const instruction of ['(global.set 0 (i64.const -1))', '(global.set 1 (i64.const -1))']) {
      const bytes = await wat(`(module
        (import "extism:host/env" "input_length" (func (result i64))) (func (export "run") ${instruction}))`);
      const error = await failureOf(() =>
        compileModule(bytes, INLINE_POLICY, { memoryPages: 1, metered, companionOf: () => companion }),
      );
      expect([error.code, error.message]).toEqual([
        'invalid',
        expect.stringMatching(/^WebAssembly\.Module\(\): Compiling function #1 failed: Invalid global index/),
      ]);
    }
  });
});
