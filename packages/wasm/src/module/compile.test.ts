import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/open.ts';
import { extismAbi } from '../abi/extism/extism.ts';
import { WORD } from '../abi/extism/kernel.ts';
import { EPOCH } from '../binary/added-names.ts';
import { INLINE_POLICY } from '../binary/policy.ts';
import { compileModule } from './compile.ts';

const NOTHING = (): number => 0;
const NO_HOST = {
  config_get: NOTHING,
  var_get: NOTHING,
  var_set: NOTHING,
  log: NOTHING,
  http_request: NOTHING,
  http_headers: NOTHING,
};

describe('compiling', () => {
  it('refuses names that only rewritten modules have', async () => {
    const bytes = await wat('(module (func (export "plugbay:start") (param i64)))');
    const error = await failureOf(() => compileModule(bytes, INLINE_POLICY, { memoryPages: 3 }));
    expect([error.code, error.message]).toEqual([
      'invalid',
      'the module exports plugbay:start, a name that is reserved',
    ]);
  });

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
    ['merged', {}],
    ['metered', { metered: true }],
    ['watched', { watched: true }],
  ])('does not let an index reach what is added to a module that is %s', async (_, way) => {
    const { companion } = extismAbi();
    for (const instruction of ['(global.set 0 (i64.const -1))', '(global.set 1 (i64.const -1))']) {
      const bytes = await wat(`(module
        (import "extism:host/env" "input_length" (func (result i64))) (func (export "run") ${instruction}))`);
      const error = await failureOf(() =>
        compileModule(bytes, INLINE_POLICY, { memoryPages: 1, ...way, companionOf: () => companion }),
      );
      expect([error.code, error.message]).toEqual([
        'invalid',
        expect.stringMatching(/^WebAssembly\.Module\(\): Compiling function #1 failed: Invalid global index/),
      ]);
    }
  });

  it.each([
    [
      'memory',
      '(i32.store (i32.const 0) (i32.const 1))',
      'memory index 0 exceeds number of declared memories (0)',
    ],
    ['function', '(call 1)', 'function index #1 is out of bounds'],
  ])('does not let an index reach the %s that a watched module gets', async (_, instruction, message) => {
    const bytes = await wat(`(module (func (export "run") ${instruction}))`);
    const error = await failureOf(() =>
      compileModule(bytes, INLINE_POLICY, { memoryPages: 1, watched: true }),
    );
    expect([error.code, error.message]).toEqual(['invalid', expect.stringContaining(message)]);
  });

  it('watches a module, its companion not, and calls what it imports for that', async () => {
    const { companion } = extismAbi();
    const bytes = await wat(`(module (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (func (export "turns") (param i32) (result i64)
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (call $alloc (i64.const 64))))`);
    const recipe = { memoryPages: 1, watched: true, companionOf: () => companion };
    const { module, merged } = await compileModule(bytes, INLINE_POLICY, recipe);
    expect(merged).toBe(true);
    const ours = WebAssembly.Module.imports(module).filter(
      ({ name }) => name === EPOCH.memory || name === EPOCH.lookUp,
    );
    expect(ours).toEqual([
      { module: EPOCH.module, name: EPOCH.memory, kind: 'memory' },
      { module: EPOCH.module, name: EPOCH.lookUp, kind: 'function' },
    ]);

    const flags = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const exchange = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const words = new Int32Array(exchange.buffer);
    let asked = 0;
    const answers = [1, 1, 1, 0];
    const { exports } = new WebAssembly.Instance(module, {
      [EPOCH.module]: {
        [EPOCH.memory]: flags,
        [EPOCH.lookUp]: () => answers[asked++],
        ...NO_HOST,
        memory: exchange,
      },
    });
    const turns = exports.turns as (count: number) => bigint;
    words[WORD.limit] = exchange.buffer.byteLength;
    expect([turns(2), asked]).toEqual([80n, 0]);
    new Int32Array(flags.buffer)[0] = 1;
    // Where it is entered and at each of its own turns; clearing the block takes the kernel eight.
    expect([turns(2), asked]).toEqual([160n, 3]);
    expect(() => turns(2)).toThrow('unreachable');
  });

  // 70,000 bytes of code, more than a module may have that is merged only to be faster.
  const LARGE = `(func ${'(i32.store (i32.const 0) (i32.const 0))'.repeat(10_000)})`;

  it.each([
    [{}, false],
    [{ metered: true }, true],
    [{ watched: true }, true],
  ])('merges a large module with its companion only when it is rewritten: %j', async (way, expected) => {
    const { companion } = extismAbi();
    const bytes = await wat(`(module (memory 1) ${LARGE})`);
    const recipe = { memoryPages: 1, ...way, companionOf: () => companion };
    expect((await compileModule(bytes, INLINE_POLICY, recipe)).merged).toBe(expected);
  });

  it('does not meter and watch a module at once', async () => {
    const bytes = await wat('(module)');
    const both = { memoryPages: 1, metered: true, watched: true };
    await expect(compileModule(bytes, INLINE_POLICY, both)).rejects.toMatchObject({
      code: 'internal',
      message: 'a module is compiled to be metered and watched',
    });
  });
});
