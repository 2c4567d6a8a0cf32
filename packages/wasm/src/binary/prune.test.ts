import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { kernelBytes } from '../abi/extism/kernel.ts';
import type { ShapedModule } from './merge.ts';
import { readModuleShape } from './module-shape.ts';
import { OWN_POLICY } from './policy.ts';
import { pruneModule } from './prune.ts';

const shaped = (bytes: Uint8Array): ShapedModule => ({ bytes, shape: readModuleShape(bytes, OWN_POLICY) });

const SOURCE = `(module
  (import "host" "unused" (func $unused (result i32)))
  (import "host" "seven" (func $seven (result i32)))
  (import "host" "memory" (memory 1))
  (global $count (export "count") (mut i32) (i32.const 0))
  (func $lonely (export "lonely") (result i32) (call $unused))
  (func $start (global.set $count (i32.const 5)))
  (func $deep (result i32) (loop (result i32) (call $seven)))
  (func (export "deep") (result i32) (i32.add (call $deep) (global.get $count)))
  (func (export "other") (result i32) (call $lonely))
  (start $start))`;

describe('a pruned module', () => {
  it('has what its exports reach, its start function, and no more', async () => {
    const { bytes, shape } = pruneModule(shaped(await wat(SOURCE)), new Set(['deep', 'count']));
    expect(shape.imports.map(({ name }) => name)).toEqual(['seven', 'memory']);
    expect(shape.exports.map(({ name }) => name)).toEqual(['count', 'deep']);
    expect(shape.functions).toBe(3);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      host: { seven: () => 7, memory },
    });
    expect((exports.deep as () => number)()).toBe(12);
  });

  it('is the same when everything is reached', async () => {
    const whole = shaped(await wat(SOURCE));
    const names = new Set(whole.shape.exports.map(({ name }) => name));
    expect(pruneModule(whole, names).bytes).toEqual(whole.bytes);
  });

  it('is valid for every export of the kernel alone', () => {
    const whole = shaped(kernelBytes());
    for (const { name } of whole.shape.exports) {
      const { bytes, shape } = pruneModule(whole, new Set([name]));
      expect([WebAssembly.validate(bytes), shape.exports.map((entry) => entry.name)]).toEqual([true, [name]]);
    }
  });
});
