import { wat } from '@plugbay/testing';
import { describe, expect, it } from 'vitest';
import { editModule } from './edit.ts';
import { readModuleShape } from './module-shape.ts';
import { globalExports, mutableGlobals } from './mutable-globals.ts';
import { OWN_POLICY } from './policy.ts';

const SOURCE = `(module
  (import "host" "own" (global $imported (mut i32)))
  (import "host" "fixed" (global i64))
  (global (mut i32) (i32.const 1))
  (global i32 (i32.const 2))
  (global (mut i64) (i64.const 3))
  (global (mut f64) (f64.const 4.5))
  (global (mut v128) (v128.const i32x4 1 2 3 4))
  (global (export "reference") (mut funcref) (ref.null func))
  (func (export "step") (global.set 2 (i32.add (global.get 2) (i32.const 10)))))`;

describe('the mutable globals of a module', () => {
  it('are those that it defines', async () => {
    const bytes = await wat(SOURCE);
    expect(mutableGlobals(bytes, readModuleShape(bytes, OWN_POLICY))).toEqual([
      { index: 2, type: 'i32' },
      { index: 4, type: 'i64' },
      { index: 5, type: 'f64' },
      { index: 6, type: 'v128' },
      { index: 7, type: 'funcref' },
    ]);
    const none = await wat('(module (global i32 (i32.const 1)))');
    expect(mutableGlobals(none, readModuleShape(none, OWN_POLICY))).toEqual([]);
    const empty = await wat('(module)');
    expect(mutableGlobals(empty, readModuleShape(empty, OWN_POLICY))).toEqual([]);
  });

  it('can be read and set once they are exported', async () => {
    const bytes = await wat(SOURCE);
    const shape = readModuleShape(bytes, OWN_POLICY);
    const edited = editModule(bytes, shape, {
      custom: 'none',
      exports: globalExports(mutableGlobals(bytes, shape)),
    });
    const { Global } = WebAssembly as unknown as {
      Global: new (descriptor: object, value: unknown) => object;
    };
    const host = {
      own: new Global({ value: 'i32', mutable: true }, 0),
      fixed: new Global({ value: 'i64' }, 0n),
    };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(edited), { host });
    expect(Object.keys(exports)).toEqual([
      'reference',
      'step',
      ...[2, 4, 5, 6, 7].map((index) => `plugbay:global/${index}`),
    ]);
    const value = exports['plugbay:global/2'] as WebAssembly.Global;
    const step = exports.step as () => void;
    step();
    expect(value.value).toBe(11);
    value.value = 100;
    step();
    expect(value.value).toBe(110);
    expect((exports['plugbay:global/4'] as WebAssembly.Global).value).toBe(3n);
  });
});
